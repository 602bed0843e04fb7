import type pg from 'pg'
import { run } from '../../db/transaction.ts'
import { LAYOUT_ID, rateName, rowName, seatName } from '../../inventory/queries/place-names.ts'

/** A ticket as stored; its token is computed when shown. */
export interface TicketRow {
  readonly id: string
  readonly bookingId: string
  readonly resourceId: string
  readonly status: 'issued' | 'checked_in' | 'void'
  readonly ordinal: number
  /** Label of a seat; what its layout says of it is `null` where that no longer has it. */
  readonly seat: string | null
  readonly section: string | null
  readonly row: string | null
  readonly number: string | null
  /** Label of an area. */
  readonly area: string | null
  /** Code and name of the rate of a seat or an area's place. */
  readonly rate: string | null
  readonly rateName: string | null
  readonly ticketTypeId: string | null
  /** Name of the ticket type, or of the category of the seat or area. */
  readonly name: string
  readonly checkedInAt: Date | null
  readonly checkedInGate: string | null
}

const SELECT = `
  select t.id, t.booking_id as "bookingId", t.resource_id as "resourceId", t.status, t.ordinal, t.seat_label as seat,
    x.section, ${rowName('x')} as row, ${seatName('x')} as number, t.area_label as area, t.rate,
    ${rateName('r.rates', 't.rate')} as "rateName",
    t.ticket_type_id as "ticketTypeId", coalesce(k.name, c.name, t.seat_label, t.area_label) as name,
    t.checked_in_at as "checkedInAt", t.checked_in_gate as "checkedInGate"
  from tickets t
  join resources r on r.id = t.resource_id
  left join ticket_types k on k.id = t.ticket_type_id
  left join showtimes s on s.id = t.resource_id
  left join events e on e.id = t.resource_id
  left join seats x on x.layout_id = ${LAYOUT_ID} and x.label = t.seat_label
  left join layout_areas y on y.layout_id = ${LAYOUT_ID} and y.label = t.area_label
  left join seat_categories c on c.id = coalesce(x.category_id, y.category_id)`

const BY_BOOKING = { name: 'read-tickets', text: `${SELECT} where t.booking_id = $1 order by t.ordinal` }
const PAGE = {
  name: 'read-ticket-page',
  text: `${SELECT} where t.booking_id = $1 order by t.ordinal limit $2 offset $3`,
}
const COUNT = { name: 'count-tickets', text: 'select count(*)::int as count from tickets where booking_id = $1' }
const VALID = {
  name: 'find-valid-ticket',
  text: `${SELECT} where t.id = $2 and t.booking_id = $1 and t.status <> 'void'
    and exists (select from bookings b where b.id = t.booking_id and b.status in ('confirmed', 'completed'))`,
}
const BY_ID = { name: 'find-ticket', text: `${SELECT} where t.id = $1` }

/** Returns the tickets of a booking, in their order. */
export async function readTickets(executor: pg.Pool | pg.PoolClient, bookingId: string): Promise<TicketRow[]> {
  return run<TicketRow & Record<string, unknown>>(executor, BY_BOOKING, [bookingId])
}

/** Returns a ticket by id, or `null`. */
export async function findTicket(executor: pg.Pool | pg.PoolClient, id: string): Promise<TicketRow | null> {
  const [row] = await run<TicketRow & Record<string, unknown>>(executor, BY_ID, [id])
  return row ?? null
}

/** Returns some tickets of a booking, in their order, and the number of all. */
export async function readTicketPage(
  pool: pg.Pool,
  bookingId: string,
  { limit, offset }: { readonly limit: number; readonly offset: number },
): Promise<{ readonly tickets: readonly TicketRow[]; readonly total: number }> {
  const [tickets, [counted]] = await Promise.all([
    run<TicketRow & Record<string, unknown>>(pool, PAGE, [bookingId, limit, offset]),
    run<{ count: number }>(pool, COUNT, [bookingId]),
  ])
  return { tickets, total: counted?.count ?? 0 }
}

/**
 * Returns a ticket of this booking that may be shown, or `null`: the booking is confirmed, and the ticket is not void.
 */
export async function findValidTicket(pool: pg.Pool, bookingId: string, id: string): Promise<TicketRow | null> {
  const [row] = await run<TicketRow & Record<string, unknown>>(pool, VALID, [bookingId, id])
  return row ?? null
}
