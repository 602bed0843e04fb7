import type pg from 'pg'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Database } from '@boxoffice/core/db/connect.ts'
import { openLifecyclePool } from '@boxoffice/core/db/pools.ts'
import { CLEAN_UPS } from '@boxoffice/core/maintenance/queries/clean-up.ts'
import { deleteRefusedRequests } from '@boxoffice/core/maintenance/queries/delete-refused-requests.ts'
import { findBookingRequests } from '@boxoffice/core/booking-requests/queries/find-booking-requests.ts'
import { Cleaner, type CleanerOptions } from '@boxoffice/core/maintenance/clean-up.ts'
import { givenOrganizer, givenShowtime } from '../support/catalogue.ts'
import { sharedDatabase } from '../support/database.ts'
import { openEngine, seatsRequest } from '../support/engine.ts'
import { holdLock } from '../support/locks.ts'
import { testLogger } from '../support/logger.ts'
import { shared } from '../support/shared.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

let endpointId: string
const db = sharedDatabase()
/** A worker's pool, with one connection, so that the server's counts can be read. */
const lifecycle = shared(
  () => openLifecyclePool(db.url, 1, testLogger),
  (opened) => opened.close(),
)
beforeAll(async () => {
  const { organizerId } = await givenOrganizer(db.database)
  const { rows } = await db.database.pool.query<{ id: string }>(
    `insert into webhook_endpoints (id, organizer_id, url, event_types, secret, deleted_at)
     values (uuidv7(), $1, 'https://receiver.example', '{}', 'whsec_x', now()) returning id`,
    [organizerId],
  )
  endpointId = rows[0]?.id ?? ''
})
beforeEach(async () => {
  await db.database.pool.query(
    'truncate idempotency_keys, provider_inbox, sandbox_deliveries, mails, webhook_attempts, webhook_deliveries',
  )
})

/** The statement that fills each table with `$1` rows that are `$2` days old. */
const FILL: Readonly<Record<string, string>> = {
  idempotency_keys: `insert into idempotency_keys (owner, key, operation, body_hash, entity_id, created_at)
    select 'o', $2 || ' days ' || n, 'op', '', gen_random_uuid(), now() - $2 * interval '1 day' from generate_series(1, $1) n`,
  provider_inbox: `insert into provider_inbox (provider, event_id, body, event, received_at, handled_at)
    select 'p', $2 || ' days ' || n, '', '{}', now() - $2 * interval '1 day', now() from generate_series(1, $1) n`,
  sandbox_deliveries: `insert into sandbox_deliveries (id, event_id, body, due_at, delivered_at)
    select uuidv7(-$2 * interval '1 day'), n, '', now(), now() - $2 * interval '1 day' from generate_series(1, $1) n`,
  mails: `insert into mails (id, booking_id, kind, status, created_at, sent_at)
    select uuidv7(), gen_random_uuid(), 'move', case when n % 2 = 0 then 'sent' else 'failed' end,
      now() - $2 * interval '1 day', case when n % 2 = 0 then now() end from generate_series(1, $1) n`,
  webhook_attempts: `insert into webhook_attempts (id, delivery_id, at, duration_ms)
    select uuidv7(-$2 * interval '1 day'), gen_random_uuid(), now() - $2 * interval '1 day', 1
    from generate_series(1, $1) n`,
  webhook_deliveries: `insert into webhook_deliveries (id, endpoint_id, event_id, event_at, event_type, entity_id,
      entity_seq, next_attempt_at, created_at)
    select uuidv7(-$2 * interval '1 day'), $3, gen_random_uuid(), now(), 'x', gen_random_uuid(), n, now(),
      now() - $2 * interval '1 day'
    from generate_series(1, $1) n`,
}

async function fill(table: string, rows: number, daysOld: number): Promise<void> {
  const text = (FILL[table] ?? '').replaceAll('$1', String(rows)).replaceAll('$2', String(daysOld))
  await db.database.pool.query(text.replaceAll('$3', `'${endpointId}'`))
}

async function countOf(table: string): Promise<number> {
  const { rows } = await db.database.pool.query<{ count: number }>(`select count(*)::int as count from ${table}`)
  return rows[0]?.count ?? Number.NaN
}

const counts = async () =>
  Object.fromEntries(
    await Promise.all(Object.keys(FILL).map(async (table): Promise<[string, number]> => [table, await countOf(table)])),
  )

const all = (count: number) => Object.fromEntries(Object.keys(FILL).map((table) => [table, count]))

/** Opens a cleaner, and records what it reports. */
function openCleaner(options: Partial<CleanerOptions> = {}) {
  const told = { cleaned: new Map<string, number>(), failed: [] as string[] }
  const observer = {
    onCleanedUp: (table: string, rows: number) => void told.cleaned.set(table, (told.cleaned.get(table) ?? 0) + rows),
    onCleanUpFailed: (table: string) => void told.failed.push(table),
  }
  const given = { database: lifecycle, logger: testLogger, observer, refusedRequestsKeepMs: 14 * DAY_MS }
  return { told, cleaner: new Cleaner({ ...given, ...options }) }
}

/** Counts the rows of a table that are read in any way while `work` runs on the one connection of `lifecycle`. */
async function rowsRead(table: string, work: () => Promise<unknown>): Promise<number> {
  const read = async () => {
    await lifecycle.pool.query('select pg_stat_force_next_flush()')
    const { rows } = await db.database.pool.query<{ read: number }>(
      `select (t.seq_tup_read + coalesce(t.idx_tup_fetch, 0)
         + (select coalesce(sum(idx_tup_read), 0) from pg_stat_user_indexes i where i.relid = t.relid))::int as read
       from pg_stat_user_tables t where relname = $1`,
      [table],
    )
    return rows[0]?.read ?? Number.NaN
  }
  const before = await read()
  await work()
  return (await read()) - before
}

describe('a row that has served its time', () => {
  it('is deleted from every table, and nothing else; failed mail and what waits for a deleted endpoint too', async () => {
    for (const table of Object.keys(FILL)) {
      await fill(table, 6_000, 31)
      await fill(table, 3, 0)
    }
    // A row that another transaction has locked stays for the next run, and the cleaner does not wait for it.
    const hold = await holdLock(
      db,
      'select from mails where created_at = (select min(created_at) from mails) for update',
    )
    const { cleaner, told } = openCleaner()
    const { deleted } = await cleaner.run()
    await hold.release()
    expect(await counts()).toEqual({ ...all(3), mails: await countOf('mails') })
    expect(deleted).toBe([...told.cleaned.values()].reduce((sum, rows) => sum + rows, 0))
    await cleaner.run()
    expect(await counts()).toEqual(all(3))
    expect(told.failed).toEqual([])
  })

  it('is looked for without reading what is kept', async () => {
    const { cleaner } = openCleaner()
    for (const table of Object.keys(FILL)) {
      await fill(table, 5_000, 0)
      await fill(table, 10, 31)
    }
    await cleaner.run()
    expect(await counts()).toEqual(all(5_000))
    for (const table of Object.keys(FILL)) {
      const read = await rowsRead(table, () => cleaner.run())
      // Entries of the ten that were just deleted may still be there.
      expect({ table, isLittle: read <= 20, read }).toMatchObject({ table, isLittle: true })
    }
  })

  it('would be looked for by reading all, where its time has no index: the control', async () => {
    await fill('webhook_attempts', 5_000, 0)
    const old = `delete from webhook_attempts where ctid in (
      select ctid from webhook_attempts where at < now() - make_interval(days => 30) limit 5000)`
    expect(await rowsRead('webhook_attempts', () => lifecycle.pool.query(old))).toBeGreaterThanOrEqual(5_000)
  })
})

describe('a table that cannot be cleaned', () => {
  beforeEach(async () => {
    await db.database.pool.query(
      `create trigger no_deletes before delete on provider_inbox for each row execute function refuse_change('a test')`,
    )
    for (const table of Object.keys(FILL)) await fill(table, 10, 31)
  })
  afterEach(() => db.database.pool.query('drop trigger no_deletes on provider_inbox'))

  it('keeps those after it from being cleaned, one after the other: the control', async () => {
    const oneAfterTheOther = async () => {
      for (const { batch } of CLEAN_UPS) await batch(lifecycle.pool, 5_000)
    }
    await expect(oneAfterTheOther()).rejects.toThrow('a test')
    expect(await counts()).toEqual({ ...all(10), idempotency_keys: 0 })
  })

  it('is told, and the others are cleaned', async () => {
    const { cleaner, told } = openCleaner()
    expect(await cleaner.run()).toEqual({ deleted: 50, failed: 1, isUnfinished: false })
    expect(told.failed).toEqual(['provider_inbox'])
    expect(await counts()).toEqual({ ...all(0), provider_inbox: 10 })
  })
})

describe('a table whose rows take long to delete', () => {
  const ROWS = 400
  let hurried: Database
  beforeEach(async () => {
    hurried = db.open({ name: 'test-hurried', max: 1, statementTimeoutMs: 250 })
    await db.database.pool.query(
      `create or replace function slow_delete() returns trigger language plpgsql as
       'begin perform pg_sleep(0.001); return old; end'`,
    )
    await db.database.pool.query(
      'create trigger slow before delete on webhook_attempts for each row execute function slow_delete()',
    )
    await fill('webhook_attempts', ROWS, 31)
  })
  afterEach(async () => {
    await db.database.pool.query('drop trigger slow on webhook_attempts')
    await hurried.close()
  })
  const attempts = CLEAN_UPS.filter(({ table }) => table === 'webhook_attempts')

  it('is never cleaned by batches that are too large for the time of a statement: the control', async () => {
    for (const { batch } of attempts) {
      await expect(batch(hurried.pool, 5_000)).rejects.toMatchObject({ code: '57014' })
      await expect(batch(hurried.pool, 5_000)).rejects.toMatchObject({ code: '57014' })
    }
    expect(await countOf('webhook_attempts')).toBe(ROWS)
  })

  it('is cleaned in smaller ones', async () => {
    const { cleaner, told } = openCleaner({ database: hurried })
    expect(await cleaner.run()).toMatchObject({ deleted: ROWS, failed: 0 })
    expect(told.failed).toEqual([])
    expect(await countOf('webhook_attempts')).toBe(0)
  })
})

it('work set aside is deleted once it was due for a day, but not a move, nor parked work that can be retried', async () => {
  const given = async (kind: string, failedDaysAgo: number, dueDaysAgo: number | null) => {
    await db.database.pool.query(
      `insert into setbacks (id, kind, subject_id, entity_id, failures, error, first_failed_at, failed_at, retry_at)
       select uuidv7(), $1, gen_random_uuid(), gen_random_uuid(), 1, '', now() - $2::int * interval '1 day',
         now() - $2::int * interval '1 day', now() - $3::int * interval '1 day'`,
      [kind, failedDaysAgo, dueDaysAgo],
    )
  }
  await given('event', 2, 2)
  await given('move', 2, 2)
  await given('event', 31, null)
  await given('mail', 29, null)
  await given('mail', 31, null)
  await openCleaner().cleaner.run()
  const { rows } = await db.database.pool.query<{ kind: string; left: string }>(
    `select kind, (now()::date - first_failed_at::date) || ' days' as left from setbacks order by id`,
  )
  expect(rows).toEqual([
    { kind: 'move', left: '2 days' },
    { kind: 'event', left: '31 days' },
    { kind: 'mail', left: '29 days' },
  ])
  await db.database.pool.query('truncate setbacks')
})

it('a run that has no time does one batch, of another table each time, and says that there is more', async () => {
  for (const table of Object.keys(FILL)) await fill(table, 10, 31)
  const { cleaner } = openCleaner({ maxRunMs: 0 })
  // Booking requests are one more.
  for (let run = 0; run < Object.keys(FILL).length + 1; run += 1) {
    expect(await cleaner.run()).toMatchObject({ isUnfinished: true })
  }
  expect(await counts()).toEqual(all(0))
})

describe('refused booking requests', () => {
  /** Writes requests of as many lines, accepted one after the other and decided so many days ago; every tenth was refused. */
  async function givenDecided(count: number, daysOld: number): Promise<void> {
    await givenRequests(`accepted_at, accepted_at`, count, daysOld)
  }

  /** Makes the same, of requests that nobody has decided. */
  async function givenWaiting(count: number, daysOld: number): Promise<void> {
    await givenRequests(`accepted_at, null`, count, daysOld)
  }

  async function givenRequests(times: string, count: number, daysOld: number): Promise<void> {
    const decided = times.endsWith('null') ? 'false' : 'true'
    await db.database.pool.query(
      `insert into booking_requests (id, seq, resource_id, owner, idempotency_key, body_hash, payload, customer_keys,
         state, accepted_at, decided_at, booking_id, refusal)
       select uuidv7(-$2::int * interval '1 day'), 1, gen_random_uuid(), 'o', gen_random_uuid()::text, '', '{}', '{}',
         case when not ${decided} then 'queued' when n % 10 = 0 then 'refused' else 'booked' end, ${times},
         case when ${decided} and n % 10 <> 0 then gen_random_uuid() end,
         case when ${decided} and n % 10 = 0 then '{"code": "seat_unavailable"}'::jsonb end
       from generate_series(1, $1) n
       cross join lateral (select now() - $2 * interval '1 day' - ($1 - n) * interval '1 microsecond' as accepted_at) a`,
      [count, daysOld],
    )
  }

  const states = async () => {
    const { rows } = await db.database.pool.query<{ state: string; count: number }>(
      'select state, count(*)::int as count from booking_requests group by 1',
    )
    return Object.fromEntries(rows.map(({ state, count }) => [state, count]))
  }
  const forget = () => db.database.pool.query('truncate clean_up_positions')
  const clean = (pool: pg.Pool = lifecycle.pool) => deleteRefusedRequests(pool, 14 * DAY_MS, 5_000)

  beforeEach(async () => {
    await db.database.pool.query('truncate booking_requests, clean_up_positions')
  })

  it('end after their time, and what was booked stays', async () => {
    await givenDecided(12_000, 15)
    await givenDecided(100, 13)
    const { cleaner, told } = openCleaner()
    expect(await cleaner.run()).toMatchObject({ deleted: 1_200 })
    expect(told.cleaned.get('booking_requests')).toBe(1_200)
    expect(await states()).toEqual({ booked: 10_890, refused: 10 })
  })

  it('are looked for by reading all that was booked again and again, without a place to go on from: the control', async () => {
    await givenDecided(5_000, 15)
    await clean()
    await forget()
    expect(await rowsRead('booking_requests', () => clean())).toBeGreaterThanOrEqual(4_500)
  })

  it('are looked for once, and not among what was looked at', async () => {
    await givenDecided(5_000, 15)
    expect(await clean()).toEqual({ deleted: 500, isFull: true })
    expect(await rowsRead('booking_requests', () => clean())).toBe(0)
    // Rows that were too young then are found once they are old.
    await givenDecided(100, 15)
    expect(await clean()).toEqual({ deleted: 10, isFull: false })
  })

  it('are not passed by while they wait, and found once they are decided', async () => {
    const { showtimeId, lane } = await givenShowtime(db.database)
    const engine = openEngine(db)
    const key = { owner: 'ada', idempotencyKey: 'the-same' }
    const [taking, refused] = [
      await engine.line.accept(seatsRequest(showtimeId, ['A1'])),
      await engine.line.accept(seatsRequest(showtimeId, ['A1'], key)),
    ]
    const clearNow = () => deleteRefusedRequests(lifecycle.pool, 0, 5_000)
    expect(await clearNow()).toEqual({ deleted: 0, isFull: false })
    expect(await states()).toEqual({ queued: 2 })

    await engine.decideWaiting(lane)
    expect(await deleteRefusedRequests(lifecycle.pool, HOUR_MS, 5_000)).toMatchObject({ deleted: 0 })
    expect(await clearNow()).toMatchObject({ deleted: 1 })
    expect(await findBookingRequests(db.database.pool, [taking.view.id, refused.view.id])).toMatchObject([
      { view: { id: taking.view.id, state: 'booked' } },
    ])
    expect(await engine.line.find(refused.view.id)).toBeNull()

    // The line goes on over the gap, and the key is a new one's.
    const again = await engine.line.accept(seatsRequest(showtimeId, ['A2'], key))
    expect(again.view.id).not.toBe(refused.view.id)
    await engine.decideWaiting(lane)
    expect(await states()).toEqual({ booked: 2 })
    await engine.close()
  })

  it('are looked at together where one write has accepted them, however few may be looked at', async () => {
    await givenDecided(100, 16)
    await db.database.pool.query(`insert into booking_requests (id, seq, resource_id, owner, idempotency_key, body_hash,
        payload, customer_keys, state, accepted_at, decided_at, refusal)
      select uuidv7(), n, '019a0000-0000-7000-8000-000000000001', 'o', gen_random_uuid()::text, '', '{}', '{}', 'refused',
        now() - interval '15 days', now() - interval '15 days', '{"code": "seat_unavailable"}'
      from generate_series(1, 256) n`)
    const few = () => deleteRefusedRequests(lifecycle.pool, 14 * DAY_MS, 110)
    expect(await few()).toEqual({ deleted: 266, isFull: true })
    expect(await few()).toEqual({ deleted: 0, isFull: false })
    expect(await states()).toEqual({ booked: 90 })
  })

  it('of other lines wait for one that waits in a paused line, but not for weeks, and that one is kept', async () => {
    await givenDecided(10, 23)
    await givenWaiting(1, 20)
    await givenDecided(10, 16)
    expect(await clean()).toEqual({ deleted: 1, isFull: false })
    expect(await clean()).toEqual({ deleted: 0, isFull: false })
    expect(await states()).toEqual({ booked: 18, refused: 1, queued: 1 })

    await db.database.pool.query('truncate booking_requests, clean_up_positions')
    await givenDecided(10, 23)
    await givenWaiting(1, 22)
    await givenDecided(10, 16)
    expect(await clean()).toEqual({ deleted: 2, isFull: false })
    expect(await states()).toEqual({ booked: 18, queued: 1 })
  })

  it('are deleted once by two workers at once', async () => {
    await givenDecided(2_000, 15)
    const other = openLifecyclePool(db.url, 1, testLogger)
    const cleaned = await Promise.all([clean(), clean(other.pool), clean(), clean(other.pool)])
    await other.close()
    expect(cleaned.reduce((sum, { deleted }) => sum + deleted, 0)).toBe(200)
    expect(await states()).toEqual({ booked: 1_800 })
  })
})
