import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { historyArbitrary, openStage } from './stage.ts'

/*
 * Generated histories: a few customers, a few seats, places and tickets, which are booked, kept and given back, and
 * everything that can happen to a booking, in any order, with
 * reports of payments delivered twice and out of order and a provider that fails before and after it did something.
 * After any history all invariants hold, and once everything has settled no money is where it should not be.
 */

const HISTORIES = 2_000
/** The number of histories at once. Each has a database of its own, so that none handles what is due in another. */
const AT_ONCE = 4

const databases: TestDatabase[] = []
beforeAll(async () => {
  for (let index = 0; index < AT_ONCE; index += 1) databases.push(await createTestDatabase())
})
afterAll(async () => {
  for (const db of databases) await db.drop()
})

it(`${HISTORIES} histories keep every invariant, and settle`, async () => {
  const seen = new Map<string, number>()
  const run = async (db: TestDatabase) => {
    const stage = await openStage(db)
    try {
      await fc.assert(
        fc.asyncProperty(historyArbitrary, async (history) => {
          const play = await stage.newPlay()
          for (const command of history) await play.perform(command)
          expect(await play.violations()).toEqual([])
          await play.settle()
          expect(await play.violations()).toEqual([])
          expect(await play.moneyAstray()).toEqual([])
          for (const kind of await play.kindsSeen()) seen.set(kind, (seen.get(kind) ?? 0) + 1)
        }),
        { numRuns: HISTORIES / AT_ONCE, endOnFailure: false },
      )
    } finally {
      await stage.close()
    }
  }
  await Promise.all(databases.map(run))
  // A generator that never gets anywhere would prove nothing.
  for (const kind of EXPECTED_KINDS) expect([...seen.keys()]).toContain(kind)
}, 600_000)

const EXPECTED_KINDS = [
  'booking.confirmed',
  'booking.cancelled',
  'booking.reinstated',
  'booking.completed',
  'booking.no_show',
  'booking.hold_extended',
  'payment.processing',
  'payment.declined',
  'payment.failed',
  'payment.completed',
  'payment.refused',
  'refund.requested',
  'refund.completed',
  'ticket.checked_in',
  'showtime.places_kept',
  'event.places_kept',
  'event.places_given_back',
  'a seat',
  'a seat at the rate child',
  'a place at the rate adult',
  'a ticket',
]
