/**
 * Rows that PostgreSQL could have returned, for the made-up work with which a process warms up. Nothing of it is stored.
 */

/** Ids of what is asked for: an event with one ticket type, and a showtime. */
export const MADE_UP = {
  eventId: '00000000-0000-7000-8000-0000000000e1',
  showtimeId: '00000000-0000-7000-8000-0000000000e2',
  ticketTypeId: '00000000-0000-7000-8000-0000000000e3',
  categoryId: '00000000-0000-7000-8000-0000000000e4',
  layoutId: '00000000-0000-7000-8000-0000000000e5',
  organizerId: '00000000-0000-7000-8000-0000000000e6',
  customer: { name: 'Nobody', email: 'nobody@example.org' },
} as const

/** Answers to statements, by name. A statement that has none gets no rows. */
export type MadeUpAnswers = Readonly<Record<string, (values: readonly unknown[]) => readonly object[]>>

interface NamedQuery {
  readonly name?: string
  readonly values?: readonly unknown[]
}

/** Returns a query function that answers as a connection would, at once. */
export function answering(
  answers: MadeUpAnswers,
): (query: NamedQuery | string) => Promise<{ readonly rows: readonly object[] }> {
  return (query) => {
    const answer = typeof query === 'string' ? undefined : answers[query.name ?? '']
    const values = typeof query === 'string' ? [] : (query.values ?? [])
    return Promise.resolve({ rows: answer?.(values) ?? [] })
  }
}
