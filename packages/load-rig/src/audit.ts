import type { Database } from '@boxoffice/core/db/connect.ts'

/** What a run has to account for. */
export interface Expected {
  /** Everything that was answered 202, or decided while its client waited. Baselines have no requests. */
  readonly requestIds: readonly string[] | null
  /** Bookings that clients were told of. */
  readonly booked: number
  /** Seats that were taken before the run, without bookings. */
  readonly preallocated: number
}

const IDS_PER_QUERY = 50_000

interface Check {
  readonly what: string
  readonly text: string
  /** Where the text has parameters. */
  values?(expected: Expected): unknown[]
}

/*
 * Each counts what must not be there. Nothing is released during a run, so what was booked is all still held.
 */
const CHECKS: readonly Check[] = [
  {
    what: 'ticket types sold over their capacity',
    text: 'select count(*) as bad from ticket_type_state where sold > capacity',
  },
  {
    what: 'ticket types whose count is not the sum of their bookings',
    text: `
      select count(*) as bad from ticket_type_state s
      left join (select ticket_type_id, sum(quantity) as quantity from booking_lines group by 1) l using (ticket_type_id)
      where s.sold <> coalesce(l.quantity, 0)`,
  },
  {
    what: 'seats booked twice',
    text: `
      select count(*) as bad from (
        select from booking_lines l join bookings b on b.id = l.booking_id
        where l.seat_label is not null group by b.resource_id, l.seat_label having count(*) > 1) twice`,
  },
  {
    what: 'booked seats that are not allocated to their booking',
    text: `
      select count(*) as bad from booking_lines l join bookings b on b.id = l.booking_id
      left join seat_allocations a
        on a.showtime_id = b.resource_id and a.seat_label = l.seat_label and a.booking_id = l.booking_id
      where l.seat_label is not null and a.booking_id is null`,
  },
  {
    what: 'allocations without a booked seat',
    text: `
      select (select count(*) from seat_allocations) - $1
        - (select count(*) from booking_lines where seat_label is not null) as bad`,
    values: ({ preallocated }) => [preallocated],
  },
  {
    what: 'bookings whose tickets are not as many as they booked',
    text: `
      select count(*) as bad from bookings b
      left join (select booking_id, sum(quantity) as quantity from booking_lines group by 1) l on l.booking_id = b.id
      left join (select booking_id, count(*) as quantity from tickets group by 1) t on t.booking_id = b.id
      where l.quantity is distinct from t.quantity or l.quantity is null`,
  },
  {
    what: 'bookings without exactly one audit row',
    text: `
      select count(*) as bad from bookings b
      left join (select entity_id, count(*) as rows from audit where action = 'booking.created' group by 1) a
        on a.entity_id = b.id
      where a.rows is distinct from 1`,
  },
  {
    what: 'bookings without exactly one outgoing event',
    text: `
      select count(*) as bad from bookings b
      left join (select entity_id, count(*) as rows from outbox where type = 'booking.created' group by 1) o
        on o.entity_id = b.id
      where o.rows is distinct from 1`,
  },
]

const LINE_CHECKS: readonly Check[] = [
  {
    what: 'requests that were never decided',
    text: `select count(*) as bad from booking_requests where state = 'queued'`,
  },
  {
    what: 'requests whose outcome and bookings do not match one to one',
    text: `
      select count(*) as bad from booking_requests q full join bookings b on b.request_id = q.id
      where (q.state = 'booked') is distinct from (b.id is not null) or (q.booking_id is distinct from b.id)`,
  },
  {
    what: 'requests that were not decided exactly once, by the audit',
    text: `
      select count(*) as bad from booking_requests q
      left join (select request_id, count(*) as rows from audit where request_id is not null group by 1) a
        on a.request_id = q.id::text
      where a.rows is distinct from 1`,
  },
]

/** Compares the database with what must be true of it after a run. Returns one sentence per violation. */
export async function auditDatabase(database: Database, expected: Expected): Promise<string[]> {
  const violations: string[] = []
  const checks = expected.requestIds === null ? CHECKS : [...CHECKS, ...LINE_CHECKS]
  for (const check of checks) {
    const { rows } = await database.pool.query<{ bad: number }>(check.text, check.values?.(expected) ?? [])
    const bad = rows[0]?.bad ?? Number.NaN
    if (bad !== 0) violations.push(`${bad} ${check.what}`)
  }

  const { rows } = await database.pool.query<{ bookings: number }>('select count(*) as bookings from bookings')
  const bookings = rows[0]?.bookings ?? 0
  if (bookings < expected.booked)
    violations.push(`${expected.booked} bookings told of, but ${bookings} in the database`)

  const ids = expected.requestIds ?? []
  for (let at = 0; at < ids.length; at += IDS_PER_QUERY) {
    const chunk = ids.slice(at, at + IDS_PER_QUERY)
    const { rows: found } = await database.pool.query<{ decided: number }>(
      `select count(*) as decided from unnest($1::uuid[]) as i(id)
       join booking_requests q on q.id = i.id and q.state <> 'queued'`,
      [chunk],
    )
    const lost = chunk.length - (found[0]?.decided ?? 0)
    if (lost !== 0) violations.push(`${lost} accepted requests are lost or undecided`)
  }
  return violations
}
