import { run, type Transaction } from '../../db/transaction.ts'

/** `urgent` are confirmations and links to bookings, which buyers wait for; `patient` is the rest. */
export type MailUrgency = 'urgent' | 'patient'

/** Cursor before every line, to begin with. */
export const BEFORE_ALL_LINES = '00000000-0000-0000-0000-000000000000'

/** Lines looked at by one statement. Whoever has found nothing in them goes on behind the last one. */
const MAX_LINES = 1_000

/** A mail that is due. */
export interface DueMail {
  readonly id: string
  readonly bookingId: string
  readonly kind: 'confirmation' | 'cancellation' | 'refund' | 'move' | 'reminder' | 'recovery'
  /** The outgoing event of the booking that it tells of; `null` where it tells of none. */
  readonly eventId: string | null
  /** Amount of a refund, in minor units. */
  readonly amount: number | null
  /** Tries so far. */
  readonly attempts: number
  readonly createdAt: Date
  /** Digest of the address it counts against; `null` for nobody. */
  readonly recipient: Buffer | null
}

export interface NextMail {
  /** The line of the mail, or the last one looked at; `null` once there is no further one. */
  readonly line: string | null
  readonly mail: DueMail | null
}

type Row = { readonly line: string | null } & { readonly [Field in keyof DueMail]: DueMail[Field] | null }

/*
 * One entry of an index for each line that has mail waiting, however much that is, and one more for its first mail: a
 * plain `order by next_attempt_at` would read through a hundred thousand mails of one event to find another's. `now()`
 * and not `clock_timestamp()`, which no index can be searched by. The offset is by parameter so that the count ends there.
 */
const find = (urgency: MailUrgency, kinds: string) => ({
  name: `find-next-${urgency}-mail`,
  text: `
    with recursive line as (
      select (select line_id from mails
        where line_id > $1 and next_attempt_at is not null and kind in (${kinds}) order by line_id limit 1) as id, 1 as n
      union all
      select (select line_id from mails
        where line_id > line.id and next_attempt_at is not null and kind in (${kinds}) order by line_id limit 1), n + 1
      from line where line.id is not null and n < $2
    )
    select line.id as line, m.id, m.booking_id as "bookingId", m.kind, m.event_id as "eventId", m.amount, m.attempts,
      m.created_at as "createdAt", m.recipient
    from line
    left join lateral (
      select * from mails
      where line_id = line.id and next_attempt_at <= now() and kind in (${kinds})
        and ($3::int is null or not exists (select from mails sent
          where sent.line_id = line.id and sent.begun_at > now() - interval '1 minute'
          order by sent.begun_at desc offset $3::int - 1 limit 1))
      order by next_attempt_at limit 1
    ) m on true
    where m.id is not null or line.id is null or line.n = $2
    limit 1`,
})

const FIND: Readonly<Record<MailUrgency, ReturnType<typeof find>>> = {
  urgent: find('urgent', `'confirmation', 'recovery'`),
  patient: find('patient', `'cancellation', 'refund', 'move', 'reminder'`),
}

/**
 * Finds the first due mail of the first line behind `after` that has one, and has had fewer than `perMinute` mails begun
 * in the last minute; `null` is without bound.
 */
export async function findNextMail(
  tx: Transaction,
  urgency: MailUrgency,
  after: string,
  perMinute: number | null,
): Promise<NextMail> {
  const [row] = await run<Row>(tx.client, FIND[urgency], [after, MAX_LINES, perMinute])
  if (row === undefined) return { line: null, mail: null }
  const { line, id, bookingId, kind, attempts, createdAt, ...rest } = row
  if (id === null || bookingId === null || kind === null || attempts === null || createdAt === null) {
    return { line, mail: null }
  }
  return { line, mail: { id, bookingId, kind, attempts, createdAt, ...rest } }
}
