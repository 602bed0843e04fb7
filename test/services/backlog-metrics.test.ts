import { describe, expect, it } from 'vitest'
import { readBacklog } from '@boxoffice/core/operations/queries/read-backlog.ts'
import { createWorkerMetrics } from '@boxoffice/core/operations/metrics/worker-metrics.ts'
import { givenShowtime } from '../support/catalogue.ts'
import { sharedDatabase } from '../support/database.ts'
import { openEngine, seatsRequest } from '../support/engine.ts'
import { holdLock, waitForBlocked } from '../support/locks.ts'
import { testLogger } from '../support/logger.ts'
import { valueOf } from '../support/metrics.ts'
import { observePool, type ObservedPool } from '../support/observed-pool.ts'

const db = sharedDatabase()

it('the first scrape of a process tells what waits at that moment', async () => {
  const { showtimeId } = await givenShowtime(db.database, { lane: 2 })
  const engine = openEngine(db)
  try {
    for (const seat of ['A1', 'A2']) await engine.line.accept(seatsRequest(showtimeId, [seat]))
    const { body: metrics } = await createWorkerMetrics({ pools: {}, reads: db.database, logger: testLogger }).scrape()
    expect(valueOf(metrics, 'boxoffice_lane_waiting{lane="2"}')).toBe(2)
    expect(valueOf(metrics, 'boxoffice_lane_oldest_seconds{lane="2"}')).toBeGreaterThan(0)
    expect(valueOf(metrics, 'boxoffice_lane_waiting{lane="1"}')).toBe(0)
    expect(valueOf(metrics, 'boxoffice_database_up')).toBe(1)
  } finally {
    await engine.close()
  }
})

it('a scrape that the database does not answer leaves out what an earlier one has read', async () => {
  const observed = observePool(db.database.pool)
  const { scrape } = createWorkerMetrics({
    pools: {},
    reads: { ...db.database, pool: observed.pool },
    logger: testLogger,
  })
  expect((await scrape()).body).toMatch(/^boxoffice_parked\{kind="mail"\} 0$/m)
  const lost = observed.holdResults('pendingMails')
  const beganAt = performance.now()
  // A reading is shared for a second.
  await expect.poll(() => performance.now() - beganAt, { timeout: 2_000 }).toBeGreaterThan(1_100)
  const second = scrape()
  await lost.held
  lost.fail(new Error('the connection is lost'))
  const { body } = await second
  expect(body).toMatch(/^boxoffice_database_up 0$/m)
  expect(body).not.toMatch(/^boxoffice_(?:parked|lane_waiting)\{/m)
})

describe('the backlog, while the database is slow', () => {
  const LOCK = 'lock table mails in access exclusive mode'
  const readings = ({ statements }: ObservedPool) =>
    statements.filter(({ text }) => text.includes('pendingMails')).length

  it('is read as often as anybody asks, where each reads for themselves: the control', async () => {
    const observed = observePool(db.database.pool)
    const lock = await holdLock(db, LOCK)
    try {
      const readers = [readBacklog(observed.pool), readBacklog(observed.pool)]
      await waitForBlocked(db, { by: lock, count: 2 })
      expect(readings(observed)).toBe(2)
      await lock.release()
      await Promise.all(readers)
    } finally {
      await lock.release()
    }
  })

  it('is read once at a time, however long that takes', async () => {
    const observed = observePool(db.database.pool)
    const reads = { ...db.database, pool: observed.pool }
    const { scrape } = createWorkerMetrics({ pools: {}, reads, logger: testLogger })
    const lock = await holdLock(db, LOCK)
    try {
      const beganAt = performance.now()
      const first = scrape()
      await waitForBlocked(db, { by: lock })
      // A look that had ended when this one began would be too old by then.
      await expect.poll(() => performance.now() - beganAt, { timeout: 2_000 }).toBeGreaterThan(1_100)
      const second = scrape()
      await lock.release()
      for (const { body } of await Promise.all([first, second])) {
        expect(valueOf(body, 'boxoffice_database_up')).toBe(1)
      }
      expect(readings(observed)).toBe(1)
    } finally {
      await lock.release()
    }
  })

  it('is rendered once for all who ask meanwhile', async () => {
    const { scrape } = createWorkerMetrics({ pools: {}, reads: db.database, logger: testLogger })
    const lock = await holdLock(db, LOCK)
    try {
      const scrapes = [scrape(), scrape(), scrape()]
      expect(new Set(scrapes).size).toBe(1)
      await waitForBlocked(db, { by: lock })
      await lock.release()
      const [one] = await Promise.all(scrapes)
      expect(await scrape()).not.toBe(one)
    } finally {
      await lock.release()
    }
  })
})

it('counts of a backlog stop at 10,000, and the delivery due longest is found all the same', async () => {
  const { pool } = db.database
  await pool.query(`
    insert into outbox (id, at, organizer_id, type, entity_id, entity_seq, payload)
    select gen_random_uuid(), now(), gen_random_uuid(), 'a', gen_random_uuid(), 1, '{}' from generate_series(1, 10050)`)
  await pool.query(`
    insert into mails (id, booking_id, kind, event_id, next_attempt_at, created_at)
    select gen_random_uuid(), gen_random_uuid(), 'confirmation', gen_random_uuid(), now(), now()
    from generate_series(1, 10050)`)
  const endpoint = "('00000000-0000-4000-8000-' || lpad((n % 7)::text, 12, '0'))::uuid"
  await pool.query(`
    insert into webhook_endpoints (id, url, event_types, secret)
    select ${endpoint}, 'https://example.com', '{}', 'secret' from generate_series(1, 7) n`)
  await pool.query(`
    insert into webhook_deliveries
      (id, endpoint_id, event_id, event_at, event_type, entity_id, entity_seq, next_attempt_at, created_at)
    select gen_random_uuid(), ${endpoint}, gen_random_uuid(), now(),
      'a', gen_random_uuid(), 1, now() - make_interval(secs => case when n = 9000 then 5000 else 10 end), now()
    from generate_series(1, 10050) n`)
  const backlog = await readBacklog(pool)
  expect(backlog).toMatchObject({ unpublished: 10_000, pendingDeliveries: 10_000, pendingMails: 10_000 })
  expect(backlog.webhookLagS).toBeGreaterThan(4_999)
  expect(backlog.webhookLagS).toBeLessThan(5_100)
})
