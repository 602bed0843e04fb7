import fc from 'fast-check'
import { wishesOf } from '@boxoffice/core/domain/wish.ts'
import { describe, expect, it } from 'vitest'
import { givenShowtime } from '../support/catalogue.ts'
import { createTestDatabase, type TestDatabase, sharedDatabase } from '../support/database.ts'
import { seatsRequest } from '../support/engine.ts'
import { bookedOf, codesOf, raceInLine, readOutcomes, unguarded } from './races.ts'
import { openFlood } from './flood.ts'

const db = sharedDatabase()

/** Makes two requests for one seat, neither of which is accepted yet. */
async function givenTwoRequestsForOneSeat(on: TestDatabase) {
  const { showtimeId } = await givenShowtime(on.database)
  return { showtimeId, requests: [seatsRequest(showtimeId, ['A1']), seatsRequest(showtimeId, ['A1'])] as const }
}

const allocations = async (on: TestDatabase, showtimeId: string) => {
  const { rows } = await on.database.pool.query<{ seat: string; booking: string }>(
    'select seat_label as seat, booking_id as booking from seat_allocations where showtime_id = $1',
    [showtimeId],
  )
  return rows
}

describe('one seat, decided by two at the same moment', () => {
  it('is sold twice without row locks and primary key: the control', async () => {
    const bare = await createTestDatabase()
    try {
      await bare.database.pool.query(
        'alter table seat_allocations drop constraint seat_allocations_showtime_id_seat_label_pk',
      )
      const { showtimeId, requests } = await givenTwoRequestsForOneSeat(bare)
      const outcomes = await raceInLine(bare, requests, unguarded)
      expect(codesOf(outcomes)).toEqual(['booked', 'booked'])
      expect(await allocations(bare, showtimeId)).toHaveLength(2)
    } finally {
      await bare.drop()
    }
  })

  it('is sold once by the primary key alone', async () => {
    const { showtimeId, requests } = await givenTwoRequestsForOneSeat(db)
    const outcomes = await raceInLine(db, requests, unguarded)
    expect(codesOf(outcomes)).toEqual(['internal_error', 'booked'])
    expect(await allocations(db, showtimeId)).toHaveLength(1)
  })

  it('is sold once, and the second one hears that it is taken, by the lock on the showtime', async () => {
    const { showtimeId, requests } = await givenTwoRequestsForOneSeat(db)
    const outcomes = await raceInLine(db, requests)
    expect(codesOf(outcomes)).toEqual(['booked', 'seat_unavailable'])
    expect(await allocations(db, showtimeId)).toHaveLength(1)
  })
})

describe('a flood through two API processes and two workers', () => {
  it('of 200 requests for one seat has one winner, the first in line', async () => {
    const { showtimeId } = await givenShowtime(db.database, { lane: 2 })
    const flood = openFlood(db)
    try {
      await flood.accept(Array.from({ length: 200 }, () => seatsRequest(showtimeId, ['C5'])))
      const outcomes = await readOutcomes(db, showtimeId)
      expect(codesOf(outcomes)).toEqual(['booked', ...Array.from({ length: 199 }, () => 'seat_unavailable')])
      expect(new Set(outcomes.slice(1).flatMap(({ refusal }) => refusal?.seats))).toEqual(new Set(['C5']))
      expect(await allocations(db, showtimeId)).toEqual([{ seat: 'C5', booking: outcomes[0]?.bookingId }])
    } finally {
      await flood.close()
    }
  })

  it('of overlapping groups of seats sells none twice, and goes by the order in line', async () => {
    const flood = openFlood(db)
    const group = fc.tuple(
      fc.integer({ min: 0, max: 5 }),
      fc.integer({ min: 1, max: 7 }),
      fc.integer({ min: 2, max: 4 }),
    )
    try {
      await fc.assert(
        fc.asyncProperty(fc.array(group, { minLength: 40, maxLength: 150 }), async (groups) => {
          const { showtimeId } = await givenShowtime(db.database, { lane: 3, rows: 6, seatsPerRow: 10 })
          const asked = groups.map(([row, first, size]) =>
            Array.from({ length: size }, (_, index) => `${'ABCDEF'.charAt(row)}${first + index}`),
          )
          await flood.accept(asked.map((seats) => seatsRequest(showtimeId, seats)))

          const outcomes = await readOutcomes(db, showtimeId)
          expect(outcomes).toHaveLength(groups.length)
          const taken = new Map<string, string | null>()
          for (const { state, refusal, bookingId, payload } of outcomes) {
            const seats = wishesOf(payload).flatMap((wish) => wish.seats.map(({ label }) => label))
            const lost = seats.filter((seat) => taken.has(seat))
            expect({ state, seats: refusal?.seats ?? [] }).toEqual({
              state: lost.length > 0 ? 'refused' : 'booked',
              seats: lost,
            })
            if (state === 'booked') for (const seat of seats) taken.set(seat, bookingId)
          }
          const allocated = (await allocations(db, showtimeId)).map(({ seat, booking }) => [seat, booking])
          expect(new Map(allocated as [string, string][])).toEqual(taken)
          expect(allocated).toHaveLength(taken.size)
          expect(await bookedOf(db, showtimeId)).toEqual({
            bookings: outcomes.filter(({ state }) => state === 'booked').length,
            places: taken.size,
            audited: groups.length,
            announced: groups.length,
          })
        }),
        { numRuns: 8, endOnFailure: true },
      )
    } finally {
      await flood.close()
    }
  })
})
