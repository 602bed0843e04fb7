import type { BookingEventType, FactsOf } from '../../domain/outgoing-events/outgoing-events.ts'
import { run, type Transaction } from '../../db/transaction.ts'
import type { Cause } from '../cause.ts'

interface RecordOf<T extends BookingEventType> {
  readonly id: string
  readonly bookingId: string
  readonly type: T
  /** The booking itself, or a payment, refund or ticket of it. */
  readonly entityId: string
  readonly before: Readonly<Record<string, unknown>> | null
  readonly after: FactsOf<T>
}

/**
 * One change of a booking or of what belongs to it: becomes an audit row, whose action is the type, and an outgoing event.
 * No personal data.
 */
export type BookingRecord = { [T in BookingEventType]: RecordOf<T> }[BookingEventType]

/*
 * The events of a booking are numbered from its own counter, without gaps: its row is locked until the commit, so an
 * event is visible only together with all before it.
 */
const INSERT = {
  name: 'insert-booking-records',
  text: `
    with record as (
      select * from json_to_recordset($1::json) as r(ordinal int, id uuid, "bookingId" uuid, type text, "entityId" uuid,
        before jsonb, after jsonb)
    ), numbered as (
      update bookings b set event_seq = b.event_seq + n.count, updated_at = greatest(b.updated_at, $2)
      from (select "bookingId" as id, count(*)::int as count from record group by 1) n
      where b.id = any (array[n.id])
      returning b.id, b.event_seq - n.count as last, b.organizer_id, b.reference, b.resource_id
    ), audited as (
      insert into audit (id, at, organizer_id, actor, action, entity, entity_id, before, after, request_id)
      select r.id, $2, n.organizer_id, $3, r.type, split_part(r.type, '.', 1), r."entityId", r.before, r.after, $4
      from record r join numbered n on n.id = r."bookingId"
    ), announced as (
      insert into outbox (id, at, organizer_id, type, entity_id, entity_seq, payload)
      select r.id, $2, n.organizer_id, r.type, n.id,
        n.last + row_number() over (partition by n.id order by r.ordinal),
        jsonb_build_object('reference', n.reference, 'resourceId', n.resource_id) || r.after
      from record r join numbered n on n.id = r."bookingId"
      returning 1
    )
    select count(*)::int as announced from announced`,
}

/**
 * Writes what happened, in the transaction in which it happens (I7). Needs the locks of the bookings.
 *
 * @param at database clock.
 */
export async function insertRecords(
  tx: Transaction,
  at: Date,
  cause: Cause,
  records: readonly BookingRecord[],
): Promise<void> {
  if (records.length === 0) return
  const rows = records.map((record, ordinal) => ({ ordinal, ...record }))
  const [written] = await run<{ announced: number }>(tx.client, INSERT, [
    JSON.stringify(rows),
    at,
    cause.actor,
    cause.requestId,
  ])
  if (written?.announced !== records.length) throw new Error('a record belongs to no booking')
}
