import type pg from 'pg'
import type { ScannedTicket } from '../../domain/check-in.ts'
import { run, type Transaction } from '../../db/transaction.ts'
import { LAYOUT_ID, rateName, rowName, seatName } from '../../inventory/queries/place-names.ts'

/** A ticket at a gate. Times of `ScannedTicket` in ms since the epoch. */
export interface TicketAtGate extends ScannedTicket {
  readonly id: string
  readonly bookingId: string
  readonly reference: string
  readonly organizerId: string
  readonly seat: string | null
  readonly section: string | null
  readonly row: string | null
  readonly number: string | null
  readonly area: string | null
  readonly rate: string | null
  readonly rateName: string | null
  readonly ticketTypeId: string | null
  readonly name: string
  readonly checkedInAt: Date | null
  readonly checkedInGate: string | null
}

const SELECT = `
  select t.id, t.booking_id as "bookingId", b.reference, b.organizer_id as "organizerId", t.resource_id as "resourceId",
    t.status, b.status as "bookingStatus", t.seat_label as seat, x.section,
    ${rowName('x')} as row, ${seatName('x')} as number, t.area_label as area, t.rate,
    ${rateName('r.rates', 't.rate')} as "rateName", t.ticket_type_id as "ticketTypeId",
    coalesce(k.name, m.title, e.title) as name, t.checked_in_at as "checkedInAt", t.checked_in_gate as "checkedInGate",
    (extract(epoch from coalesce(s.starts_at, e.starts_at)) * 1000)::float8 as "startsAtMs",
    r.check_in_opens_ms as "opensMs"
  from tickets t
  join bookings b on b.id = t.booking_id
  join resources r on r.id = t.resource_id
  left join ticket_types k on k.id = t.ticket_type_id
  left join showtimes s on s.id = t.resource_id
  left join movies m on m.id = s.movie_id
  left join events e on e.id = t.resource_id
  left join seats x on x.layout_id = ${LAYOUT_ID} and x.label = t.seat_label
  where t.id = $1`

const FIND = { name: 'find-ticket-at-gate', text: SELECT }
const LOCK_BOOKING = { name: 'lock-booking-of-ticket', text: 'select 1 from bookings where id = $1 for no key update' }
const LOCK = { name: 'lock-ticket', text: `${SELECT} for no key update of t` }

/** Returns a ticket by id, or `null`. Takes no locks. */
export async function findTicketAtGate(executor: pg.Pool | pg.PoolClient, id: string): Promise<TicketAtGate | null> {
  const [row] = await run<TicketAtGate & Record<string, unknown>>(executor, FIND, [id])
  return row ?? null
}

/** Locks a ticket's booking, then the ticket, and reads both as they are then. */
export async function lockTicketAtGate(
  tx: Transaction,
  ticket: Pick<TicketAtGate, 'id' | 'bookingId'>,
): Promise<TicketAtGate> {
  await run(tx.client, LOCK_BOOKING, [ticket.bookingId])
  const [row] = await run<TicketAtGate & Record<string, unknown>>(tx.client, LOCK, [ticket.id])
  if (row === undefined) throw new Error(`there is no ticket ${ticket.id}`)
  return row
}
