import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Database } from '@boxoffice/core/db/connect.ts'
import { openLifecyclePool } from '@boxoffice/core/db/pools.ts'
import type { MailBudgets } from '@boxoffice/core/domain/mail-budget.ts'
import { type ClaimedMail, MailTurns } from '@boxoffice/core/mail/mail-turns.ts'
import { sharedDatabase } from '../support/database.ts'
import { testLogger } from '../support/logger.ts'

const WAITING = 100_000
const BUDGETS: MailBudgets = { perRecipientAnHour: 10, perLineAMinute: 1_000 }

let database: Database
const db = sharedDatabase()
beforeAll(async () => {
  // Never analyzed: then PostgreSQL likes the worst plans best.
  await db.database.pool.query('alter table mails set (autovacuum_enabled = off)')
  database = openLifecyclePool(db.url, 2, testLogger)
})
afterAll(() => database.close())
/** Makes the plans while the tables are empty; they are used when the tables are full. */
async function planAnew(): Promise<void> {
  await db.database.pool.query('truncate mails')
  await database.close()
  database = openLifecyclePool(db.url, 2, testLogger)
  await turns().next()
}

const turns = (budgets: MailBudgets | null = BUDGETS) =>
  new MailTurns(database, { budgets, leaseMs: 180_000, onHeldBack: () => undefined })

interface Wave {
  readonly line: string
  readonly kind?: ClaimedMail['kind']
  readonly count?: number
  readonly dueIn?: string
  /** One address for all mails; by default each has another one. */
  readonly recipient?: string
}

/** Creates waiting mails, the first of which waits longest. */
async function wait({ line, kind = 'confirmation', count = 1, dueIn = '0', recipient }: Wave): Promise<void> {
  await db.database.pool.query(
    `insert into mails (id, booking_id, kind, line_id, recipient, next_attempt_at, created_at)
     select gen_random_uuid(), gen_random_uuid(), $2, $1, sha256(convert_to(coalesce($5, gen_random_uuid()::text), 'UTF8')),
       clock_timestamp() + $4::interval, clock_timestamp()
     from generate_series(1, $3::int)`,
    [line, kind, count, dueIn, recipient ?? null],
  )
}

/** Returns the lines of the next mails, in their order. */
async function claim(from: MailTurns, count: number): Promise<(string | null)[]> {
  const lines: (string | null)[] = []
  for (let turn = 0; turn < count; turn += 1) {
    const mail = await from.next()
    const { rows } = await db.database.pool.query<{ line: string }>('select line_id as line from mails where id = $1', [
      mail?.id,
    ])
    lines.push(rows[0]?.line ?? null)
  }
  return lines
}

/** Counts the rows and index entries of mails read so far. */
async function readSoFar(): Promise<{ scanned: number; entries: number }> {
  // A connection reports what it has read about once a second, unless it is told to.
  for (const { pool } of [database, db.database]) await pool.query('select pg_stat_force_next_flush()')
  await db.database.pool.query('select pg_stat_clear_snapshot()')
  const { rows } = await db.database.pool.query<{ scanned: number; entries: number }>(
    `select seq_tup_read::int as scanned,
       (select sum(idx_tup_read)::int from pg_stat_user_indexes where relname = 'mails') as entries
     from pg_stat_user_tables where relname = 'mails'`,
  )
  return rows[0] ?? { scanned: Number.NaN, entries: Number.NaN }
}

describe('while a hundred thousand mails of one event wait', () => {
  const [mass, quiet] = [randomUUID(), randomUUID()]
  beforeAll(async () => {
    await planAnew()
    await wait({ line: mass, count: WAITING })
    await wait({ line: quiet })
  }, 60_000)

  test('the control: the oldest first, another event has its turn after all of them', async () => {
    const { rows } = await db.database.pool.query<{ before: number }>(
      `select count(*)::int as before from mails
       where next_attempt_at < (select min(next_attempt_at) from mails where line_id = $1)`,
      [quiet],
    )
    expect(rows[0]?.before).toBe(WAITING)
  })

  test("another event's is claimed within one round, by every process", async () => {
    expect(new Set(await claim(turns(), 2))).toEqual(new Set([mass, quiet]))
    await wait({ line: quiet })
    expect(await claim(turns(), 2)).toContain(quiet)
  })

  test.each(['never analyzed', 'analyzed'])('a claim reads a few entries of an index, %s', async (state) => {
    if (state === 'analyzed') await db.database.pool.query('analyze mails')
    await wait({ line: quiet, count: 20 })
    const next = turns()
    await next.next()
    const before = await readSoFar()
    for (let turn = 0; turn < 20; turn += 1) expect(await next.next()).not.toBeNull()
    const after = await readSoFar()
    expect(after.scanned - before.scanned).toBe(0)
    // Most of it counts the mails of its showtime in the last minute: all that this file has sent so far.
    expect((after.entries - before.entries) / 20).toBeLessThan(100)
  })
})

describe('a claim', () => {
  beforeEach(planAnew)

  test('passes over what is not due, however much that is', async () => {
    const [later, due] = [randomUUID(), randomUUID()]
    await wait({ line: later, count: 20_000, dueIn: '1 hour' })
    await wait({ line: due })
    const before = await readSoFar()
    expect(await claim(turns(), 2)).toEqual([due, null])
    expect((await readSoFar()).entries - before.entries).toBeLessThan(100)
  })

  test('finds the one line that has something due among many that have not', async () => {
    await db.database.pool.query(
      `insert into mails (id, booking_id, kind, line_id, next_attempt_at, created_at)
     select gen_random_uuid(), gen_random_uuid(), 'refund', gen_random_uuid(), now() + interval '1 hour', now()
     from generate_series(1, 3500)`,
    )
    const last = 'fffffff0-0000-4000-8000-000000000000'
    await wait({ line: last, kind: 'refund' })
    expect(await claim(turns(), 2)).toEqual([last, null])
  })

  test('one address that is mailed to through many events takes no turn from others', async () => {
    const lines = Array.from({ length: 50 }, () => randomUUID())
    for (const line of lines) await wait({ line, count: 3, recipient: 'victim' })
    const quiet = randomUUID()
    await wait({ line: quiet })
    const next = turns()
    const claimed = await claim(next, 11)
    expect(claimed).toContain(quiet)
    expect(await next.next()).toBeNull()
  })
})

describe('urgent mail', () => {
  beforeEach(planAnew)

  const kinds = async (from: MailTurns, count: number) => {
    const claimed: (string | undefined)[] = []
    for (let turn = 0; turn < count; turn += 1) claimed.push((await from.next())?.kind)
    return claimed
  }

  test('goes before the rest, which has every eighth turn all the same', async () => {
    const line = randomUUID()
    await wait({ line, kind: 'move', count: 100 })
    await wait({ line, kind: 'recovery', count: 10 })
    await wait({ line, kind: 'confirmation', count: 10 })
    const claimed = await kinds(turns(), 16)
    expect(claimed.filter((kind) => kind === 'move')).toHaveLength(2)
    expect(claimed[7]).toBe('move')
    expect(claimed[15]).toBe('move')
  })

  test('leaves no turn unused where there is nothing of the other kind', async () => {
    const line = randomUUID()
    await wait({ line, kind: 'cancellation', count: 5 })
    expect(await kinds(turns(), 6)).toEqual([...Array.from({ length: 5 }, () => 'cancellation'), undefined])
    await wait({ line, count: 9 })
    expect(await kinds(turns(), 10)).toEqual([...Array.from({ length: 9 }, () => 'confirmation'), undefined])
  })
})

test('mails from before there were lines, and of old processes, are sent too', async () => {
  await planAnew()
  await db.database.pool.query(
    `insert into mails (id, booking_id, kind, next_attempt_at, created_at)
     select gen_random_uuid(), gen_random_uuid(), 'confirmation', now(), now() from generate_series(1, 2)`,
  )
  await wait({ line: randomUUID() })
  expect(await claim(turns(), 4)).toContain(null)
  const { rows } = await db.database.pool.query('select from mails where attempts = 0')
  expect(rows).toEqual([])
})
