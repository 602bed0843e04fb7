import { expect, test } from 'vitest'
import { AvailabilityHub } from '@boxoffice/core/availability/availability-hub.ts'
import { AvailabilityService } from '@boxoffice/core/availability/availability.ts'
import { givenShowtime } from '../support/catalogue.ts'
import { sharedDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { takeSeats } from '../support/inventory.ts'
import { testLogger } from '../support/logger.ts'
import { longestTurnDuring } from '../support/longest-turn.ts'
import { NO_TRANSPORT } from '../support/no-transport.ts'

const WATCHERS = 2_000
/** The time that a write to a socket takes here. */
const SEND_MS = 0.05

const db = sharedDatabase()

function spin(): void {
  const until = performance.now() + SEND_MS
  while (performance.now() < until);
}

test('a change that thousands watch is sent to some of them at a time, so that others have their turn', async () => {
  const { showtimeId } = await givenShowtime(db.database)
  const service = new AvailabilityService({
    pool: db.database.pool,
    shared: NO_TRANSPORT.availability,
    logger: testLogger,
    now: Date.now,
  })
  const hub = new AvailabilityHub(service, testLogger)
  let told = 0
  const send = () => {
    told += 1
    spin()
  }
  for (let watcher = 0; watcher < WATCHERS; watcher++) {
    await hub.watch(showtimeId, 'showtime', null, { send, end: () => undefined })
  }
  told = 0
  const version = await takeSeats(db.database, showtimeId, ['A1'])
  const turnMs = await longestTurnDuring(async () => {
    service.onSignal({ versions: { [showtimeId]: version } })
    await eventually(() => expect(told).toBe(WATCHERS))
  })
  hub.close()
  expect(turnMs, 'ms, of all that it takes').toBeLessThan((WATCHERS * SEND_MS) / 2)
})
