import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { givenEvent } from '../support/catalogue.ts'
import { createTestDatabase, type TestDatabase, sharedDatabase } from '../support/database.ts'
import { ticketsRequest } from '../support/engine.ts'
import { openFlood } from './flood.ts'
import { bookedOf, codesOf, raceInLine, readOutcomes, unguarded } from './races.ts'

const db = sharedDatabase()

/** Makes two requests for the last ticket, neither of which is accepted yet. */
async function givenTwoRequestsForTheLastTicket(on: TestDatabase, maxPerCustomer: number | null = null) {
  const capacity = maxPerCustomer === null ? 1 : 10
  const { eventId, ticketTypeIds } = await givenEvent(on.database, {
    ticketTypes: [{ capacity, ...(maxPerCustomer !== null && { maxPerCustomer }) }],
  })
  const [ticketTypeId = ''] = ticketTypeIds
  const request = () => ticketsRequest(eventId, [{ ticketTypeId, quantity: 1 }], { customerKeys: ['o:same'] })
  return { ticketTypeId, requests: [request(), request()] as const }
}

const sold = async (on: TestDatabase, ticketTypeId: string) => {
  const { rows } = await on.database.pool.query<{ sold: number }>(
    'select sold from ticket_type_state where ticket_type_id = $1',
    [ticketTypeId],
  )
  return rows[0]?.sold
}

describe('the last ticket, decided by two at the same moment', () => {
  it('is sold twice without row locks and CHECK: the control', async () => {
    const bare = await createTestDatabase()
    try {
      await bare.database.pool.query('alter table ticket_type_state drop constraint ticket_type_state_not_oversold')
      const { ticketTypeId, requests } = await givenTwoRequestsForTheLastTicket(bare)
      expect(codesOf(await raceInLine(bare, requests, unguarded))).toEqual(['booked', 'booked'])
      expect(await sold(bare, ticketTypeId)).toBe(2)
    } finally {
      await bare.drop()
    }
  })

  it('is sold once by the CHECK alone', async () => {
    const { ticketTypeId, requests } = await givenTwoRequestsForTheLastTicket(db)
    expect(codesOf(await raceInLine(db, requests, unguarded))).toEqual(['internal_error', 'booked'])
    expect(await sold(db, ticketTypeId)).toBe(1)
  })

  it('is sold once, and the second one hears that none is left, by the lock on the event', async () => {
    const { ticketTypeId, requests } = await givenTwoRequestsForTheLastTicket(db)
    const outcomes = await raceInLine(db, requests)
    expect(codesOf(outcomes)).toEqual(['booked', 'tickets_unavailable'])
    expect(outcomes[1]?.refusal?.ticketTypes).toEqual([{ id: ticketTypeId, available: 0 }])
    expect(await sold(db, ticketTypeId)).toBe(1)
  })
})

describe('the limit of tickets per customer, met by two requests at the same moment', () => {
  it('is exceeded without row locks: the control', async () => {
    const { ticketTypeId, requests } = await givenTwoRequestsForTheLastTicket(db, 1)
    expect(codesOf(await raceInLine(db, requests, unguarded))).toEqual(['booked', 'booked'])
    expect(await sold(db, ticketTypeId)).toBe(2)
  })

  it('holds by the lock on the event', async () => {
    const { ticketTypeId, requests } = await givenTwoRequestsForTheLastTicket(db, 1)
    expect(codesOf(await raceInLine(db, requests))).toEqual(['booked', 'customer_limit_reached'])
    expect(await sold(db, ticketTypeId)).toBe(1)
  })
})

describe('a flood through two API processes and two workers', () => {
  it('of 500 requests for 100 tickets sells exactly 100, to the first in line', async () => {
    const { eventId, ticketTypeIds } = await givenEvent(db.database, { lane: 2, ticketTypes: [{ capacity: 100 }] })
    const [ticketTypeId = ''] = ticketTypeIds
    const flood = openFlood(db)
    try {
      await flood.accept(Array.from({ length: 500 }, () => ticketsRequest(eventId, [{ ticketTypeId, quantity: 1 }])))
      const outcomes = await readOutcomes(db, eventId)
      expect(codesOf(outcomes)).toEqual([
        ...Array.from({ length: 100 }, () => 'booked'),
        ...Array.from({ length: 400 }, () => 'tickets_unavailable'),
      ])
      expect(await sold(db, ticketTypeId)).toBe(100)
      expect(await bookedOf(db, eventId)).toEqual({ bookings: 100, places: 100, audited: 500, announced: 500 })
    } finally {
      await flood.close()
    }
  })

  it('of mixed quantities of two types never sells more than there are, and goes by the order in line', async () => {
    const flood = openFlood(db)
    const quantity = fc.integer({ min: 0, max: 5 })
    const asked = fc.tuple(quantity, quantity).filter(([a, b]) => a + b > 0)
    try {
      await fc.assert(
        fc.asyncProperty(fc.array(asked, { minLength: 60, maxLength: 150 }), async (quantities) => {
          const { eventId, ticketTypeIds } = await givenEvent(db.database, {
            lane: 3,
            ticketTypes: [{ capacity: 100 }, { capacity: 37 }],
          })
          const [first = '', second = ''] = ticketTypeIds
          await flood.accept(
            quantities.map(([a, b]) =>
              ticketsRequest(
                eventId,
                [
                  { ticketTypeId: first, quantity: a },
                  { ticketTypeId: second, quantity: b },
                ].filter((line) => line.quantity > 0),
              ),
            ),
          )

          const outcomes = await readOutcomes(db, eventId)
          expect(outcomes).toHaveLength(quantities.length)
          const left = new Map([
            [first, 100],
            [second, 37],
          ])
          for (const { state, refusal, payload } of outcomes) {
            const lines = payload.tickets ?? []
            const short = lines.filter((line) => line.quantity > (left.get(line.ticketTypeId) ?? 0))
            expect({ state, ticketTypes: refusal?.ticketTypes ?? [] }).toEqual({
              state: short.length > 0 ? 'refused' : 'booked',
              ticketTypes: short.map(({ ticketTypeId }) => ({ id: ticketTypeId, available: left.get(ticketTypeId) })),
            })
            if (state === 'refused') continue
            for (const line of lines) left.set(line.ticketTypeId, (left.get(line.ticketTypeId) ?? 0) - line.quantity)
          }
          expect(await sold(db, first)).toBe(100 - (left.get(first) ?? 0))
          expect(await sold(db, second)).toBe(37 - (left.get(second) ?? 0))
          expect(await bookedOf(db, eventId)).toMatchObject({
            bookings: outcomes.filter(({ state }) => state === 'booked').length,
            places: 137 - (left.get(first) ?? 0) - (left.get(second) ?? 0),
          })
        }),
        { numRuns: 8, endOnFailure: true },
      )
    } finally {
      await flood.close()
    }
  })
})
