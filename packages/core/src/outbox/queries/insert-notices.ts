import { run, type Transaction } from '../../db/transaction.ts'
import { MAIL_RECIPIENT } from './mail-recipient.ts'

/** An event that goes to an endpoint. */
export interface NewDelivery {
  readonly id: string
  readonly endpointId: string
  readonly eventId: string
  /** Time of the event, to the millisecond at least: enough to find the event's partition. */
  readonly eventAt: Date | string
  readonly eventType: string
  readonly entityId: string
  readonly entitySeq: number
  /** Delivery that this one repeats. */
  readonly replayOf?: string
}

export interface NewMail {
  readonly id: string
  readonly bookingId: string
  readonly kind: string
  readonly eventId: string
  /** Minor units; of a refund. */
  readonly amount: number | null
}

const INSERT_DELIVERIES = {
  name: 'insert-webhook-deliveries',
  text: `
    insert into webhook_deliveries (id, endpoint_id, event_id, event_at, event_type, entity_id, entity_seq,
      replay_of, next_attempt_at, created_at)
    select id, "endpointId", "eventId", "eventAt", "eventType", "entityId", "entitySeq", "replayOf", now(), now()
    from json_to_recordset($1::json) as d(id uuid, "endpointId" uuid, "eventId" uuid, "eventAt" timestamptz,
      "eventType" text, "entityId" uuid, "entitySeq" int, "replayOf" uuid)`,
}

const INSERT_MAILS = {
  name: 'insert-mails',
  text: `
    insert into mails (id, booking_id, kind, event_id, amount, line_id, recipient, next_attempt_at, created_at)
    select m.id, "bookingId", kind, "eventId", amount, b.resource_id, ${MAIL_RECIPIENT}, now(), now()
    from json_to_recordset($1::json) as m(id uuid, "bookingId" uuid, kind text, "eventId" uuid, amount bigint)
    cross join lateral (select resource_id, customer_email from bookings where id = "bookingId" offset 0) b
    on conflict (event_id) do nothing`,
}

export async function insertDeliveries(tx: Transaction, deliveries: readonly NewDelivery[]): Promise<void> {
  if (deliveries.length > 0) await run(tx.client, INSERT_DELIVERIES, [JSON.stringify(deliveries)])
}

export async function insertMails(tx: Transaction, mails: readonly NewMail[]): Promise<void> {
  if (mails.length > 0) await run(tx.client, INSERT_MAILS, [JSON.stringify(mails)])
}
