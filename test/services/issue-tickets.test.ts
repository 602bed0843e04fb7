import { beforeEach, describe, expect, it } from 'vitest'
import { startPayment } from '@boxoffice/core/bookings/payments/start-payment.ts'
import { expireHolds } from '@boxoffice/core/bookings/expire-holds.ts'
import { givenEvent, givenShowtime } from '../support/catalogue.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { seatsRequest, ticketsRequest } from '../support/engine.ts'
import { buyerOf, closeLifecycles, givenBooking, givenPaid, openLifecycle, runOutOfTime } from '../support/lifecycle.ts'

interface Stored {
  readonly ordinal: number
  readonly seat: string | null
  readonly typed: boolean
  readonly status: string
}

let db: TestDatabase
beforeEach(async () => {
  db = await createTestDatabase()
  return async () => {
    await closeLifecycles()
    await db.drop()
  }
})

const ticketsOf = async (bookingId: string): Promise<Stored[]> => {
  const { rows } = await db.database.pool.query<Stored>(
    `select ordinal, seat_label as seat, ticket_type_id is not null as typed, status from tickets
     where booking_id = $1 order by ordinal`,
    [bookingId],
  )
  return rows
}

/** Takes away what gives tickets to bookings that the version before confirms, which would hide that ours were missing. */
const withoutTrigger = () => db.database.pool.query('drop trigger bookings_of_the_version_before on bookings')

const issued = (ordinal: number, seat: string | null) => ({ ordinal, seat, typed: seat === null, status: 'issued' })

describe('the tickets of a booking', () => {
  it('are made by the payment that confirms it, one for each place, in the order of its items', async () => {
    await withoutTrigger()
    const { showtimeId } = await givenShowtime(db.database)
    const event = await givenEvent(db.database, { ticketTypes: [{ capacity: 9 }, { capacity: 9 }] })
    const wanted = event.ticketTypeIds.map((ticketTypeId, index) => ({ ticketTypeId, quantity: 2 - index }))
    const seats = await givenBooking(db, seatsRequest(showtimeId, ['B2', 'A1']))
    const tickets = await givenBooking(db, ticketsRequest(event.eventId, wanted))
    expect(await ticketsOf(seats.id)).toEqual([])
    await givenPaid(openLifecycle(db), seats)
    await givenPaid(openLifecycle(db), tickets)
    expect(await ticketsOf(seats.id)).toEqual([issued(0, 'B2'), issued(1, 'A1')])
    expect(await ticketsOf(tickets.id)).toEqual([issued(0, null), issued(1, null), issued(2, null)])
  })

  it('are those that were void, where the version before had made them', async () => {
    await withoutTrigger()
    const { showtimeId } = await givenShowtime(db.database)
    const booking = await givenBooking(db, seatsRequest(showtimeId, ['A1']))
    await db.database.pool.query(
      `insert into tickets (id, booking_id, resource_id, ordinal, seat_label) values (gen_random_uuid(), $1, $2, 0, 'A1')`,
      [booking.id, showtimeId],
    )
    const lifecycle = openLifecycle(db)
    const { paymentId } = await startPayment(lifecycle, {
      reference: booking.reference,
      caller: buyerOf(booking),
      requestId: 'test',
      returnUrl: null,
      keyed: null,
    })
    await runOutOfTime(db, booking.id)
    expect(await expireHolds(lifecycle)).toBe(1)
    expect(await ticketsOf(booking.id)).toMatchObject([{ status: 'void' }])
    await lifecycle.receive(lifecycle.provider.pay(paymentId))
    expect(await ticketsOf(booking.id)).toEqual([issued(0, 'A1')])
  })

  it('are there by the commit too where a process of the version before confirms it', async () => {
    const { showtimeId } = await givenShowtime(db.database)
    const booking = await givenBooking(db, seatsRequest(showtimeId, ['A1', 'A2']))
    await db.database.pool.query(
      `update bookings set status = 'confirmed', confirmed_at = now(), expires_at = null where id = $1`,
      [booking.id],
    )
    expect(await ticketsOf(booking.id)).toEqual([issued(0, 'A1'), issued(1, 'A2')])
  })
})
