import { afterAll, describe, expect, it } from 'vitest'
import { inTransaction, type Transaction } from '@boxoffice/core/db/transaction.ts'
import { cancelBooking } from '@boxoffice/core/bookings/cancel-booking.ts'
import { batchRange, newBatchIds } from '@boxoffice/core/catalogue/batch-ids.ts'
import { cancelResource } from '@boxoffice/core/bookings/cancel-resource.ts'
import { withCounts } from '@boxoffice/core/catalogue/count-customers.ts'
import { differences } from '@boxoffice/core/records/differences.ts'
import { updateEvent } from '@boxoffice/core/catalogue/update-event.ts'
import { updatePromoCode } from '@boxoffice/core/catalogue/update-promo-code.ts'
import { updateShowtime } from '@boxoffice/core/catalogue/update-showtime.ts'
import { updateTicketType } from '@boxoffice/core/catalogue/update-ticket-type.ts'
import { givenEvent, givenPromoCode, givenShowtime } from '../support/catalogue.ts'
import { sharedDatabase } from '../support/database.ts'
import { openEngine, seatsRequest, ticketsRequest } from '../support/engine.ts'
import { laneOf } from '../support/lanes.ts'
import { buyerOf, closeLifecycles, givenBooking, openLifecycle } from '../support/lifecycle.ts'
import { findViolations } from '../support/lifecycle-invariants.ts'
import { waitForBlocked } from '../support/locks.ts'

const BY = { actor: 'organizer-1', requestId: 'http-1' }

const db = sharedDatabase()
afterAll(() => closeLifecycles())

const write = <T>(work: (tx: Transaction) => Promise<T>) => inTransaction(db.database, work)

/** Returns the request's outcome: the refusal's code, or `booked`. */
async function decided(submission: ReturnType<typeof seatsRequest>): Promise<string> {
  const engine = openEngine(db)
  try {
    const accepted = await engine.line.accept(submission)
    const batches = await engine.decideWaiting(laneOf(accepted))
    const outcome = batches.flatMap(({ outcomes }) => outcomes).find(({ id }) => id === accepted.view.id)
    return outcome?.refusal?.code ?? outcome?.state ?? 'undecided'
  } finally {
    await engine.close()
  }
}

async function cancelled(booking: Awaited<ReturnType<typeof givenBooking>>) {
  const { reference } = booking
  await cancelBooking(openLifecycle(db), { reference, caller: buyerOf(booking), requestId: 'test', keyed: null })
}

describe('a limit per customer that comes later', () => {
  const of = (key: string) => ({ customerKeys: [`o:${key}`, `e:${key}`] })

  async function givenSales() {
    const { eventId, organizerId, ticketTypeIds } = await givenEvent(db.database, { ticketTypes: [{ capacity: 50 }] })
    const ticketTypeId = ticketTypeIds[0] ?? ''
    const order = (key: string, quantity: number) => ticketsRequest(eventId, [{ ticketTypeId, quantity }], of(key))
    const change = (maxPerCustomer: number | null) =>
      withCounts(db.database, (counts) =>
        write((tx) => updateTicketType(tx, { ...BY, organizerId, eventId, ticketTypeId, maxPerCustomer }, counts)),
      )
    return { eventId, ticketTypeId, order, change }
  }

  it('counts what each customer holds already, and not what was cancelled', async () => {
    const { order, change } = await givenSales()
    await givenBooking(db, order('ada', 2))
    const given = await givenBooking(db, order('ada', 3))
    await givenBooking(db, order('bob', 1))
    await cancelled(given)
    await change(3)
    expect(await findViolations(db)).toEqual([])
    expect(await decided(order('ada', 2))).toBe('customer_limit_reached')
    expect(await decided(order('ada', 1))).toBe('booked')
    expect(await decided(order('bob', 2))).toBe('booked')
    expect(await findViolations(db)).toEqual([])
  })

  it('would let customers have too much if it counted nothing: the control', async () => {
    const { ticketTypeId, order, change } = await givenSales()
    await givenBooking(db, order('ada', 2))
    await change(3)
    await db.database.pool.query('delete from ticket_type_customers where ticket_type_id = $1', [ticketTypeId])
    expect(await decided(order('ada', 2))).toBe('booked')
    expect(await findViolations(db)).not.toEqual([])
    await change(null)
    await change(3)
    expect(await findViolations(db)).toEqual([])
  })

  it('is counted anew after it was lifted for a while', async () => {
    const { order, change } = await givenSales()
    await change(3)
    const first = await givenBooking(db, order('ada', 3))
    await change(null)
    expect(await findViolations(db)).toEqual([])
    await givenBooking(db, order('ada', 4))
    await cancelled(first)
    await change(5)
    expect(await findViolations(db)).toEqual([])
    expect(await decided(order('ada', 2))).toBe('customer_limit_reached')
    expect(await decided(order('ada', 1))).toBe('booked')
  })

  it('of a promo code counts what each has redeemed already', async () => {
    const { eventId, organizerId, ticketTypeIds } = await givenEvent(db.database)
    const { promoCodeId, code } = await givenPromoCode(db.database, { organizerId })
    const order = (key: string) => {
      const { payload, ...rest } = ticketsRequest(
        eventId,
        [{ ticketTypeId: ticketTypeIds[0] ?? '', quantity: 1 }],
        of(key),
      )
      return { ...rest, payload: { ...payload, promoCode: code } }
    }
    const change = (maxPerCustomer: number | null) =>
      withCounts(db.database, (counts) =>
        write((tx) => updatePromoCode(tx, { ...BY, organizerId, promoCodeId, maxPerCustomer }, counts)),
      )
    await givenBooking(db, order('ada'))
    await cancelled(await givenBooking(db, order('bob')))
    await change(1)
    expect(await findViolations(db)).toEqual([])
    expect(await decided(order('ada'))).toBe('promo_exhausted')
    expect(await decided(order('bob'))).toBe('booked')
    await change(null)
    expect(await findViolations(db)).toEqual([])
    expect(await decided(order('ada'))).toBe('booked')
  })
})

describe('a change of what is on sale', () => {
  it('raises the version, and changes nothing where it is refused', async () => {
    const { showtimeId, organizerId, seats } = await givenShowtime(db.database)
    await givenBooking(db, seatsRequest(showtimeId, seats.slice(0, 1)))
    const change = (input: object) => write((tx) => updateShowtime(tx, { ...BY, organizerId, showtimeId, ...input }))
    const version = await change({ maxSeatsPerBooking: 2 })
    expect(await change({ maxSeatsPerBooking: 2 })).toBeNull()
    await expect(change({ maxSeatsPerBooking: 3, status: 'draft' })).rejects.toMatchObject({ code: 'in_use' })
    expect(await change({ holdTtlMs: 1_000 })).toBe((version ?? 0) + 1)
    const { rows } = await db.database.pool.query('select max_seats_per_booking as max from showtimes where id = $1', [
      showtimeId,
    ])
    expect(rows).toEqual([{ max: 2 }])
    expect(await decided(seatsRequest(showtimeId, seats.slice(1, 4)))).toBe('quantity_out_of_range')
  })

  it('waits for the decision that has the resource, which sees nothing of it', async () => {
    const { eventId, organizerId } = await givenEvent(db.database)
    const holder = await db.database.pool.connect()
    try {
      await holder.query('begin')
      await holder.query('select from resource_state where resource_id = $1 for no key update', [eventId])
      let changed = false
      const changing = write((tx) => updateEvent(tx, { ...BY, organizerId, eventId, title: 'Later' })).then(() => {
        changed = true
      })
      await waitForBlocked(db)
      expect(changed).toBe(false)
      await holder.query('commit')
      await changing
    } finally {
      holder.release()
    }
  })
})

describe('cancelling', () => {
  it('is refused for what is over and closed, and for what is cancelled', async () => {
    const { eventId: id, organizerId } = await givenEvent(db.database)
    const cancel = () =>
      write((tx) => cancelResource(tx, { ...BY, kind: 'event', id, organizerId, reason: 'Rain', keyed: null }))
    await db.database.pool.query('update resource_state set closed_at = now() where resource_id = $1', [id])
    await expect(cancel()).rejects.toMatchObject({ code: 'not_on_sale' })
    await db.database.pool.query('update resource_state set closed_at = null where resource_id = $1', [id])
    await cancel()
    await expect(cancel()).rejects.toMatchObject({
      code: 'invalid_transition',
      facts: { current: 'cancelled', allowed: [] },
    })
  })
})

describe('what differs', () => {
  it('is named, and nothing else', () => {
    const at = new Date(0)
    const row = { name: 'A', at, tiers: [{ b: 1 }], limit: null as number | null }
    expect(differences(row, { name: 'A', at: new Date(0), tiers: [{ b: 1 }], limit: undefined })).toBeNull()
    expect(differences(row, { name: 'B', limit: 3 })).toEqual({
      before: { name: 'A', limit: null },
      after: { name: 'B', limit: 3 },
    })
    const limited: { limit: number | null } = { limit: 3 }
    expect(differences(limited, { limit: null })).toEqual({
      before: { limit: 3 },
      after: { limit: null },
    })
  })
})

describe('ids of a batch', () => {
  it('are all within the range that the first one tells, and no other batch has them', () => {
    const [one, two] = [newBatchIds(), newBatchIds()]
    const [first, last] = batchRange(one(0))
    const ids = Array.from({ length: 65_536 }, (_, index) => one(index))
    expect(ids.every((id) => id >= first && id <= last)).toBe(true)
    expect(new Set(ids).size).toBe(65_536)
    expect(two(0) > last).toBe(true)
    expect(() => one(65_536)).toThrow(RangeError)
  })

  it('are those that are wanted, in order, as far as there are any', () => {
    const all = newBatchIds((id) => id.endsWith('7'))
    const ids = Array.from({ length: 4_096 }, (_, index) => all(index))
    expect(ids.every((id) => id.endsWith('7'))).toBe(true)
    expect(ids).toEqual(ids.toSorted())
    expect(new Set(ids).size).toBe(4_096)
    expect(ids.every((id) => id >= batchRange(ids[0] ?? '')[0] && id <= batchRange(ids[0] ?? '')[1])).toBe(true)
    expect(all(7), 'asked for again').toBe(ids[7])
    expect(() => all(4_096)).toThrow(RangeError)
  })
})
