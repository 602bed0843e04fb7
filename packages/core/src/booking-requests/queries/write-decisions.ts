import type { BookingSummary } from '../../domain/booking-request.ts'
import type { Refusal } from '../../domain/refusals/refusal.ts'
import { run, type Transaction } from '../../db/transaction.ts'

/** Everything that one batch of decisions writes. Ids are made by the caller. */
export interface DecisionRows {
  /** Outcomes of the requests, with their bookings. The request's own fields are not repeated. */
  readonly outcomes: readonly {
    readonly id: string
    /** Id of the audit row and of the outgoing event; `null` for a refusal that gets neither. */
    readonly recordId: string | null
    /** Id of the confirmation's record, if it was confirmed at once. */
    readonly confirmedRecordId: string | null
    readonly refusal: Refusal | null
    /** The wish that is booked; `null` where there was only one. */
    readonly wish: number | null
    readonly booking: BookingRow | null
  }[]
  readonly items: readonly ItemRow[]
  /** Increments of the counters; each counter once. */
  readonly sold: readonly CountRow[]
  readonly soldInAreas: readonly AreaCountRow[]
  readonly redeemed: readonly PromoCountRow[]
  readonly soldToCustomers: readonly CustomerCountRow[]
  readonly redeemedByCustomers: readonly CustomerCountRow[]
  /** Resources whose inventory changes; each once. */
  readonly changedResources: readonly string[]
}

export interface BookingRow extends BookingSummary {
  readonly bookingId: string
  readonly promoCodeId: string | null
  readonly promoTickets: number
  /** RFC 3339. */
  readonly remindAt: string | null
}

export interface ItemRow {
  readonly bookingId: string
  readonly resourceId: string
  readonly position: number
  readonly seat: string | null
  readonly area: string | null
  readonly categoryId: string | null
  readonly ticketTypeId: string | null
  readonly rate: string | null
  /** The block that has kept some of it; `null` where none has. */
  readonly blockId: string | null
  /** Places of it that the block has kept. */
  readonly kept: number
  readonly quantity: number
  readonly unitPrice: number
  readonly discount: number
  /** One for each admission, if the booking is confirmed at once; numbered through the booking from `firstTicket` on. */
  readonly ticketIds: readonly string[]
  readonly firstTicket: number
}

export interface CountRow {
  readonly id: string
  readonly count: number
}

export interface PromoCountRow extends CountRow {
  /** Places that have its discount. */
  readonly tickets: number
}

/** Places of one area that a batch sells. */
export interface AreaCountRow {
  readonly resourceId: string
  readonly area: string
  readonly quantity: number
  /** Number of these that blocks have kept, and by which block. */
  readonly kept: number
  readonly blocks: Readonly<Record<string, number>>
}

export interface CustomerCountRow extends CountRow {
  readonly key: string
}

/** Progress of a line once the batch is written. */
export interface LineUpdate {
  readonly id: string
  readonly watermark: number
  readonly decidedPerSecond: number
}

/** New version by changed resource. */
export type Versions = Readonly<Record<string, number>>

/*
 * One statement for a whole batch: one round trip, one plan, and the constraints are checked over all of it at its end.
 * The outcomes come as one JSON document, and what a booking has in common with its request is taken from the row that
 * is being updated: parsing JSON was a third of this statement's time. `decided` are the requests that were still
 * queued; the caller compares their number with what it took. Audit and events hold no personal data.
 *
 * Rows are looked up by `= any (array[…])`: with a plain `=` a plan that was made while a table was small walks through
 * its whole index instead, for a merge it then does not do, and compares every pair.
 */
const WRITE = {
  name: 'write-decisions',
  text: `
    with updated as (
      update booking_requests q
      set state = case when o."bookingId" is null then 'refused' else 'booked' end, decided_at = $1,
        booking_id = o."bookingId", refusal = o.refusal, wish = o.wish
      from json_to_recordset($2::json) as o(
        id uuid, "recordId" uuid, "confirmedRecordId" uuid, refusal jsonb, wish smallint, "bookingId" uuid, reference text, status text,
        "paymentStatus" text, currency text, subtotal bigint, discount bigint, fee bigint, total bigint,
        "promoCodeId" uuid, "promoTickets" int, "expiresAt" timestamptz, "remindAt" timestamptz)
      where q.id = any (array[o.id]) and q.state = 'queued'
      returning q.resource_id, q.owner, q.customer_keys, q.payload->'customer' as customer,
        q.payload->'metadata' as metadata, o.*
    ), decided as (
      select u.*, r.organizer_id from updated u
      cross join lateral (select organizer_id from resources where id = u.resource_id offset 0) r
    ), booked as (
      insert into bookings (id, reference, request_id, resource_id, organizer_id, owner, customer_name, customer_email,
        customer_phone, customer_keys, metadata, status, payment_status, currency, subtotal, discount, fee, total, promo_code_id,
        promo_tickets, expires_at, remind_at, confirmed_at, event_seq, created_at, updated_at)
      select "bookingId", reference, id, resource_id, organizer_id, owner, customer->>'name', customer->>'email',
        customer->>'phone', customer_keys, metadata, status, "paymentStatus", currency, subtotal, discount, fee, total,
        "promoCodeId", "promoTickets", "expiresAt", "remindAt", case when "confirmedRecordId" is not null then $1::timestamptz end,
        case when "confirmedRecordId" is null then 1 else 2 end, $1, $1
      from decided where "bookingId" is not null
    ), record as (
      select "recordId", 1 as seq, organizer_id, owner, id,
        case when "bookingId" is null then 'booking_request' else 'booking' end as entity,
        case when "bookingId" is null then 'booking_request.refused' else 'booking.created' end as action,
        coalesce("bookingId", id) as entity_id,
        case when "bookingId" is null then jsonb_build_object('resourceId', resource_id, 'code', refusal->>'code')
          else jsonb_build_object('reference', reference, 'resourceId', resource_id, 'status', status,
            'currency', currency, 'total', total) end as facts
      from decided where "recordId" is not null
      union all
      select "confirmedRecordId", 2, organizer_id, owner, id, 'booking', 'booking.confirmed', "bookingId",
        jsonb_build_object('reference', reference, 'resourceId', resource_id, 'status', status,
          'paymentStatus', "paymentStatus")
      from decided where "confirmedRecordId" is not null
    ), audited as (
      insert into audit (id, at, organizer_id, actor, action, entity, entity_id, after, request_id)
      select "recordId", $1, organizer_id, owner, action, entity, entity_id, facts, id::text from record
    ), announced as (
      insert into outbox (id, at, organizer_id, type, entity_id, entity_seq, payload)
      select "recordId", $1, organizer_id, action, entity_id, seq, facts from record
    ), item as (
      select * from json_to_recordset($3::json) as i(
        "bookingId" uuid, "resourceId" uuid, position int, seat text, area text, "categoryId" uuid, "ticketTypeId" uuid,
        rate text, "blockId" uuid, quantity int, "unitPrice" bigint, discount bigint, "ticketIds" uuid[], "firstTicket" int)
    ), itemized as (
      insert into booking_items (booking_id, position, seat_label, area_label, category_id, ticket_type_id, rate, quantity,
        unit_price, discount)
      select "bookingId", position, seat, area, "categoryId", "ticketTypeId", rate, quantity, "unitPrice", discount from item
    ), allocated as (
      insert into seat_allocations (showtime_id, seat_label, booking_id)
      select "resourceId", seat, "bookingId" from item where seat is not null and "blockId" is null
    ), unblocked as (
      update seat_allocations a set booking_id = i."bookingId", block_id = null
      from item i
      where i.seat is not null and i."blockId" is not null and a.showtime_id = any (array[i."resourceId"])
        and a.seat_label = any (array[i.seat]) and a.block_id = i."blockId"
      returning 1
    ), issued as (
      insert into tickets (id, booking_id, resource_id, ordinal, seat_label, area_label, ticket_type_id, rate)
      select t.id, "bookingId", "resourceId", "firstTicket" + t.ordinality - 1, seat, area, "ticketTypeId", rate
      from item cross join unnest("ticketIds") with ordinality as t(id)
    ), sold as (
      update ticket_type_state s set sold = s.sold + n.count
      from json_to_recordset($4::json) as n(id uuid, count int) where s.ticket_type_id = any (array[n.id])
    ), sold_in_areas as (
      update area_state s set sold = s.sold + n.quantity, kept = s.kept - n.kept
      from json_to_recordset($12::json) as n("resourceId" uuid, area text, quantity int, kept int)
      where s.resource_id = any (array[n."resourceId"]) and s.label = any (array[n.area])
      returning 1
    ), unkept as (
      update block_areas s set quantity = s.quantity - b.count::int
      from json_to_recordset($12::json) as n(area text, blocks json) cross join lateral json_each_text(n.blocks) as b(id, count)
      where s.block_id = any (array[b.id::uuid]) and s.label = any (array[n.area])
    ), redeemed as (
      update promo_code_state s set redeemed = s.redeemed + n.count, tickets = s.tickets + n.tickets
      from json_to_recordset($5::json) as n(id uuid, count int, tickets int) where s.promo_code_id = any (array[n.id])
    ), sold_to_customers as (
      insert into ticket_type_customers as c (ticket_type_id, customer_key, quantity)
      select id, key, count from json_to_recordset($6::json) as n(id uuid, key text, count int)
      on conflict (ticket_type_id, customer_key) do update set quantity = c.quantity + excluded.quantity
    ), redeemed_by_customers as (
      insert into promo_code_customers as c (promo_code_id, customer_key, redeemed)
      select id, key, count from json_to_recordset($7::json) as n(id uuid, key text, count int)
      on conflict (promo_code_id, customer_key) do update set redeemed = c.redeemed + excluded.redeemed
    ), progressed as (
      update resource_state s
      set watermark = n.watermark, decided_at = $1, decided_per_second = n.rate, version = s.version + n.changed,
        changed_at = case n.changed when 0 then s.changed_at else $1 end
      from unnest($8::uuid[], $9::bigint[], $10::real[], $11::int[]) as n(id, watermark, rate, changed)
      where s.resource_id = any (array[n.id])
      returning s.resource_id, s.version, n.changed
    )
    select (select count(*)::int from decided) as decided,
      (select count(*)::int from item where seat is not null and "blockId" is not null)
        - (select count(*)::int from unblocked) as "lostSeats",
      (select count(*)::int from json_array_elements($12::json)) - (select count(*)::int from sold_in_areas) as "lostAreas",
      (select coalesce(json_object_agg(resource_id, version), '{}') from progressed where changed = 1) as versions`,
}

interface Written extends Record<string, unknown> {
  readonly decided: number
  readonly versions: Versions
  readonly lostSeats: number
  readonly lostAreas: number
}

const PROGRESS = {
  name: 'write-watermarks',
  text: `
    update resource_state s set watermark = n.watermark
    from unnest($1::uuid[], $2::bigint[]) as n(id, watermark) where s.resource_id = any (array[n.id])`,
}

/**
 * Writes a batch and how far it brings its lines; needs all locks. Returns how many requests were still undecided.
 *
 * @param now RFC 3339
 */
export async function writeDecisions(
  tx: Transaction,
  lines: readonly LineUpdate[],
  now: string,
  rows: DecisionRows,
): Promise<{ decided: number; versions: Versions }> {
  const changed = new Set(rows.changedResources)
  const [written] = await run<Written>(tx.client, WRITE, [
    now,
    // Absent columns are NULL.
    JSON.stringify(rows.outcomes.map(({ booking, ...outcome }) => ({ ...outcome, ...booking }))),
    JSON.stringify(rows.items),
    JSON.stringify(rows.sold),
    JSON.stringify(rows.redeemed),
    JSON.stringify(rows.soldToCustomers),
    JSON.stringify(rows.redeemedByCustomers),
    lines.map(({ id }) => id),
    lines.map(({ watermark }) => watermark),
    lines.map(({ decidedPerSecond }) => decidedPerSecond),
    lines.map(({ id }) => (changed.has(id) ? 1 : 0)),
    JSON.stringify(rows.soldInAreas),
  ])
  if (written === undefined) throw new Error('the write returned no row')
  const { lostSeats, lostAreas, ...result } = written
  if (lostSeats + lostAreas > 0) throw new Error(`${lostSeats} kept seats and ${lostAreas} areas are not there`)
  return result
}

/** Moves watermarks past gaps where there was nothing to decide. Needs the lines' locks. */
export async function writeWatermarks(
  tx: Transaction,
  lines: readonly Pick<LineUpdate, 'id' | 'watermark'>[],
): Promise<void> {
  await run(tx.client, PROGRESS, [lines.map(({ id }) => id), lines.map(({ watermark }) => watermark)])
}
