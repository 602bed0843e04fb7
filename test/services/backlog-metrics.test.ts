import { describe, expect, it } from 'vitest'
import { readBacklog } from '@boxoffice/core/operations/queries/read-backlog.ts'
import { createWorkerMetrics } from '@boxoffice/core/operations/metrics/worker-metrics.ts'
import { givenEvent, givenShowtime } from '../support/catalogue.ts'
import { sharedDatabase } from '../support/database.ts'
import { openEngine, seatsRequest, ticketsRequest } from '../support/engine.ts'
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
    expect(valueOf(metrics, 'boxoffice_requests_waiting')).toBe(2)
    expect(valueOf(metrics, 'boxoffice_requests_oldest_seconds')).toBeGreaterThan(0)
    expect(valueOf(metrics, 'boxoffice_lines_waiting')).toBe(1)
    expect(valueOf(metrics, `boxoffice_line_waiting{resource="${showtimeId}"}`)).toBe(2)
    expect(valueOf(metrics, 'boxoffice_lines_paused')).toBe(0)
    expect(valueOf(metrics, 'boxoffice_lines_draining')).toBe(0)
    expect(valueOf(metrics, 'boxoffice_database_up')).toBe(1)
  } finally {
    await engine.close()
  }
})

it('of lines the ten longest are told one by one, and of paused ones how many there are', async () => {
  const engine = openEngine(db)
  try {
    const { organizerId } = await givenShowtime(db.database)
    const ids: string[] = []
    for (let requests = 1; requests <= 12; requests++) {
      const { eventId, ticketTypeIds } = await givenEvent(db.database, { organizerId })
      const tickets = [{ ticketTypeId: ticketTypeIds[0] ?? '', quantity: 1 }]
      // More than the line of any other test has.
      for (let index = 0; index < 2 + requests; index++) await engine.line.accept(ticketsRequest(eventId, tickets))
      ids.push(eventId)
    }
    await db.database.pool.query('update resource_state set paused = true where resource_id = any($1)', [
      ids.slice(0, 2),
    ])
    await db.database.pool.query('update lines set draining = true where resource_id = $1', [ids[5]])
    const { lines } = await readBacklog(db.database.pool)
    expect(lines.longest).toEqual(
      ids
        .map((id, index) => ({ id, requests: index + 3 }))
        .slice(2)
        .toReversed(),
    )
    expect(lines).toMatchObject({ paused: 2, draining: 1 })
    expect(lines.waiting).toBeGreaterThanOrEqual(12)
    // Of what somebody has paused nobody need be told that it waits long.
    await db.database.pool.query('update resource_state set paused = true')
    expect((await readBacklog(db.database.pool)).lines.oldestS).toBe(0)
    await db.database.pool.query('update resource_state set paused = false')
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
  const first = (await scrape()).body
  expect(first).toMatch(/^boxoffice_parked\{kind="mail"\} 0$/m)
  expect(first).toMatch(/^boxoffice_requests_waiting \d+$/m)
  const lost = observed.holdResults('pendingMails')
  const beganAt = performance.now()
  // A reading is shared for a second.
  await expect.poll(() => performance.now() - beganAt, { timeout: 2_000 }).toBeGreaterThan(1_100)
  const second = scrape()
  await lost.held
  lost.fail(new Error('the connection is lost'))
  const { body } = await second
  expect(body).toMatch(/^boxoffice_database_up 0$/m)
  expect(body).not.toMatch(/^boxoffice_(?:parked|line_waiting|lines_\w+|requests_\w+|events_unpublished)[ {]/m)
  expect(body).not.toMatch(/^boxoffice_(?:mails_pending|webhook_lag_seconds|webhook_deliveries_pending)[ {]/m)
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
