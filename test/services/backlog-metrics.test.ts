import { afterAll, beforeAll, expect, it } from 'vitest'
import { createWorkerMetrics } from '@boxoffice/core/metrics/worker-metrics.ts'
import { givenShowtime } from '../support/catalogue.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { openEngine, seatsRequest, silent } from '../support/engine.ts'
import { valueOf } from '../support/metrics.ts'

let db: TestDatabase

beforeAll(async () => {
  db = await createTestDatabase()
})
afterAll(() => db.drop())

it('the first scrape of a process tells what waits at that moment', async () => {
  const { showtimeId } = await givenShowtime(db.database, { lane: 2 })
  const engine = openEngine(db)
  try {
    for (const seat of ['A1', 'A2']) await engine.line.accept(seatsRequest(showtimeId, [seat]))
    const { body: metrics } = await createWorkerMetrics({ pools: {}, reads: db.database, logger: silent }).scrape()
    expect(valueOf(metrics, 'boxoffice_lane_waiting{lane="2"}')).toBe(2)
    expect(valueOf(metrics, 'boxoffice_lane_oldest_seconds{lane="2"}')).toBeGreaterThan(0)
    expect(valueOf(metrics, 'boxoffice_lane_waiting{lane="1"}')).toBe(0)
    expect(valueOf(metrics, 'boxoffice_database_up')).toBe(1)
  } finally {
    await engine.close()
  }
})
