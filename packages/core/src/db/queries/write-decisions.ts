import type { Refusal } from '../../domain/refusal.ts'
import { run, type Transaction } from '../transaction.ts'

/** Everything that one batch of decisions writes, row by row. Ids are made by the caller. */
export interface DecisionRows {
  readonly outcomes: readonly OutcomeRow[]
  readonly bookings: readonly BookingRow[]
  readonly lines: readonly LineRow[]
  readonly tickets: readonly TicketRow[]
  /** What is added to the counters; each entry once. */
  readonly sold: readonly CountRow[]
  readonly redeemed: readonly CountRow[]
  readonly soldToCustomers: readonly CustomerCountRow[]
  readonly redeemedByCustomers: readonly CustomerCountRow[]
  /** Resources whose inventory changes; each once. */
  readonly changedResources: readonly string[]
}

/** The outcome of one request with its audit row and its outgoing event. */
export interface OutcomeRow {
  readonly id: string
  readonly state: 'booked' | 'refused'
  readonly bookingId: string | null
  readonly refusal: Refusal | null
  readonly organizerId: string | null
  readonly actor: string
  readonly auditId: string
  readonly outboxId: string
  readonly action: string
  readonly entity: string
  readonly entityId: string
  /** What the audit row and the event say: no personal data. */
  readonly facts: unknown
}

export interface BookingRow {
  readonly id: string
  readonly reference: string
  readonly requestId: string
  readonly resourceId: string
  readonly organizerId: string
  readonly owner: string
  readonly customerName: string
  readonly customerEmail: string
  readonly customerPhone: string | null
  readonly customerKeys: readonly string[]
  readonly status: string
  readonly paymentStatus: string
  readonly currency: string
  readonly subtotal: number
  readonly discount: number
  readonly fee: number
  readonly total: number
  readonly promoCodeId: string | null
  /** RFC 3339. */
  readonly expiresAt: string | null
}

export interface LineRow {
  readonly bookingId: string
  readonly resourceId: string
  readonly line: number
  readonly seat: string | null
  readonly categoryId: string | null
  readonly ticketTypeId: string | null
  readonly quantity: number
  readonly unitPrice: number
  readonly discount: number
}

export interface TicketRow {
  readonly id: string
  readonly bookingId: string
  readonly resourceId: string
  readonly ordinal: number
  readonly seat: string | null
  readonly ticketTypeId: string | null
}

export interface CountRow {
  readonly id: string
  readonly count: number
}

export interface CustomerCountRow extends CountRow {
  readonly key: string
}

export interface LaneUpdate {
  readonly lane: number
  readonly watermark: number
  readonly decidedPerSecond: number
  /** RFC 3339. */
  readonly now: string
}

/** New version by changed resource. */
export type Versions = Readonly<Record<string, number>>

/*
 * One statement for a whole batch: one round trip, one plan, and the constraints are checked over all of it at its end.
 * `decided` counts the requests that were still queued; the caller compares it with what it took.
 */
const WRITE = {
  name: 'write-decisions',
  text: `
    with outcome as (
      select * from json_to_recordset($4::json) as o(
        id uuid, state text, "bookingId" uuid, refusal jsonb, "organizerId" uuid, actor text, "auditId" uuid,
        "outboxId" uuid, action text, entity text, "entityId" uuid, facts jsonb)
    ), decided as (
      update booking_requests q
      set state = o.state, decided_at = $3, booking_id = o."bookingId", refusal = o.refusal
      from outcome o where q.id = o.id and q.state = 'queued'
      returning q.id
    ), audited as (
      insert into audit (id, at, organizer_id, actor, action, entity, entity_id, after, request_id)
      select "auditId", $3, "organizerId", actor, action, entity, "entityId", facts, id::text from outcome
    ), announced as (
      insert into outbox (id, at, organizer_id, type, entity_id, entity_seq, payload)
      select "outboxId", $3, "organizerId", action, "entityId", 1, facts from outcome where "organizerId" is not null
    ), booked as (
      insert into bookings (id, reference, request_id, resource_id, organizer_id, owner, customer_name, customer_email,
        customer_phone, customer_keys, status, payment_status, currency, subtotal, discount, fee, total, promo_code_id,
        expires_at, created_at, updated_at)
      select id, reference, "requestId", "resourceId", "organizerId", owner, "customerName", "customerEmail",
        "customerPhone", "customerKeys", status, "paymentStatus", currency, subtotal, discount, fee, total, "promoCodeId",
        "expiresAt", $3, $3
      from json_to_recordset($5::json) as b(
        id uuid, reference text, "requestId" uuid, "resourceId" uuid, "organizerId" uuid, owner text,
        "customerName" text, "customerEmail" text, "customerPhone" text, "customerKeys" text[], status text,
        "paymentStatus" text, currency text, subtotal bigint, discount bigint, fee bigint, total bigint,
        "promoCodeId" uuid, "expiresAt" timestamptz)
    ), line as (
      select * from json_to_recordset($6::json) as l(
        "bookingId" uuid, "resourceId" uuid, line int, seat text, "categoryId" uuid, "ticketTypeId" uuid, quantity int,
        "unitPrice" bigint, discount bigint)
    ), lined as (
      insert into booking_lines (booking_id, line, seat_label, category_id, ticket_type_id, quantity, unit_price, discount)
      select "bookingId", line, seat, "categoryId", "ticketTypeId", quantity, "unitPrice", discount from line
    ), allocated as (
      insert into seat_allocations (showtime_id, seat_label, booking_id)
      select "resourceId", seat, "bookingId" from line where seat is not null
    ), issued as (
      insert into tickets (id, booking_id, resource_id, ordinal, seat_label, ticket_type_id)
      select id, "bookingId", "resourceId", ordinal, seat, "ticketTypeId"
      from json_to_recordset($7::json) as t(
        id uuid, "bookingId" uuid, "resourceId" uuid, ordinal int, seat text, "ticketTypeId" uuid)
    ), sold as (
      update ticket_type_state s set sold = s.sold + n.count
      from json_to_recordset($8::json) as n(id uuid, count int) where s.ticket_type_id = n.id
    ), redeemed as (
      update promo_code_state s set redeemed = s.redeemed + n.count
      from json_to_recordset($9::json) as n(id uuid, count int) where s.promo_code_id = n.id
    ), sold_to_customers as (
      insert into ticket_type_customers as c (ticket_type_id, customer_key, quantity)
      select id, key, count from json_to_recordset($10::json) as n(id uuid, key text, count int)
      on conflict (ticket_type_id, customer_key) do update set quantity = c.quantity + excluded.quantity
    ), redeemed_by_customers as (
      insert into promo_code_customers as c (promo_code_id, customer_key, redeemed)
      select id, key, count from json_to_recordset($11::json) as n(id uuid, key text, count int)
      on conflict (promo_code_id, customer_key) do update set redeemed = c.redeemed + excluded.redeemed
    ), changed as (
      update resource_state s set version = s.version + 1
      from unnest($12::uuid[]) as n(id) where s.resource_id = n.id
      returning s.resource_id, s.version
    ), progressed as (
      update lanes set watermark = $2, decided_at = $3, decided_per_second = $13 where id = $1
    )
    select (select count(*)::int from decided) as decided,
      (select coalesce(json_object_agg(resource_id, version), '{}') from changed) as versions`,
}

const PROGRESS = {
  name: 'write-watermark',
  text: 'update lanes set watermark = $2 where id = $1',
}

/** Writes a batch and the lane's progress; needs all locks. Returns how many requests were still undecided. */
export async function writeDecisions(
  tx: Transaction,
  lane: LaneUpdate,
  rows: DecisionRows,
): Promise<{ decided: number; versions: Versions }> {
  const [written] = await run<{ decided: number; versions: Versions }>(tx.client, WRITE, [
    lane.lane,
    lane.watermark,
    lane.now,
    JSON.stringify(rows.outcomes),
    JSON.stringify(rows.bookings),
    JSON.stringify(rows.lines),
    JSON.stringify(rows.tickets),
    JSON.stringify(rows.sold),
    JSON.stringify(rows.redeemed),
    JSON.stringify(rows.soldToCustomers),
    JSON.stringify(rows.redeemedByCustomers),
    rows.changedResources,
    lane.decidedPerSecond,
  ])
  if (written === undefined) throw new Error('the write returned no row')
  return written
}

/** Moves the watermark past gaps where there was nothing to decide. Needs the lane's lock. */
export async function writeWatermark(tx: Transaction, lane: number, watermark: number): Promise<void> {
  await run(tx.client, PROGRESS, [lane, watermark])
}
