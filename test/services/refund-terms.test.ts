import { afterEach, expect, it } from 'vitest'
import { inTransaction } from '@boxoffice/core/db/transaction.ts'
import { cancelBooking } from '@boxoffice/core/bookings/cancel-booking.ts'
import { updateEvent } from '@boxoffice/core/catalogue/update-event.ts'
import { givenEvent } from '../support/catalogue.ts'
import { sharedDatabase } from '../support/database.ts'
import { ticketsRequest } from '../support/engine.ts'
import { buyerOf, closeLifecycles, givenBooking, givenPaid, openLifecycle, readBooking } from '../support/lifecycle.ts'

const db = sharedDatabase()
afterEach(closeLifecycles)

it('a cancelled booking is refunded by the policy of the time at which it was made', async () => {
  const { eventId, organizerId, ticketTypeIds } = await givenEvent(db.database)
  const lifecycle = openLifecycle(db)
  const book = async () => {
    const booking = await givenBooking(
      db,
      ticketsRequest(eventId, [{ ticketTypeId: ticketTypeIds[0] ?? '', quantity: 1 }]),
    )
    await givenPaid(lifecycle, booking)
    return booking
  }
  const setPolicy = (basisPoints: number) =>
    inTransaction(lifecycle.database, (tx) =>
      updateEvent(tx, {
        actor: 'test',
        requestId: null,
        organizerId,
        eventId,
        refundPolicy: { tiers: [{ noticeMs: 0, basisPoints }], refundsFee: false },
      }),
    )
  const cancelled = async (booking: Awaited<ReturnType<typeof book>>) => {
    const { reference, id } = booking
    await cancelBooking(lifecycle, { reference, caller: buyerOf(booking), requestId: 'test', keyed: null })
    const { refunds } = await readBooking(db, id)
    return refunds.reduce((sum, { amount }) => sum + amount, 0)
  }

  const first = await book()
  await setPolicy(5_000)
  const second = await book()
  await setPolicy(0)
  const third = await book()
  const price = 2_500
  expect(await cancelled(second)).toBe(price / 2)
  expect(await cancelled(third)).toBe(0)
  expect(await cancelled(first)).toBe(price)
})
