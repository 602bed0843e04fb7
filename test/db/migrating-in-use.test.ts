import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  applyMigrations,
  lockMigrations,
  MIGRATION_POLICY,
  MigrationBlockedError,
  type MigrationPolicy,
} from '@boxoffice/core/db/apply-migrations.ts'
import { readMigrations } from '@boxoffice/core/db/migrations.ts'
import { sharedDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { type HeldLock, holdLock, waitForBlocked } from '../support/locks.ts'

/*
 * Migrations beside a running system. A dump holds ACCESS SHARE on all tables; an ALTER TABLE waits behind it, and
 * everything else behind the ALTER TABLE.
 */

const PATIENT: MigrationPolicy = { ...MIGRATION_POLICY, lockTimeoutMs: 60_000, pauseMs: 10 }
const POLICY: MigrationPolicy = { ...MIGRATION_POLICY, lockTimeoutMs: 200, pauseMs: 10 }

let client: pg.Client
let folder: string
let dump: HeldLock | undefined

const db = sharedDatabase()
beforeEach(async () => {
  client = new pg.Client({ connectionString: db.url })
  await client.connect()
  folder = await mkdtemp(join(tmpdir(), 'boxoffice-migrations-'))
})
afterEach(async () => {
  await dump?.release()
  await client.end()
  await rm(folder, { recursive: true, force: true })
})

/** Writes these migrations into a folder, later than all existing ones. */
async function given(migrations: Readonly<Record<string, string>>) {
  const start = Date.now()
  const entries = Object.keys(migrations).map((tag, index) => ({ idx: index, tag, when: start + index }))
  await mkdir(join(folder, 'meta'))
  await writeFile(join(folder, 'meta/_journal.json'), JSON.stringify({ entries }))
  for (const [tag, text] of Object.entries(migrations)) await writeFile(join(folder, `${tag}.sql`), text)
  return readMigrations(folder)
}

const holdDump = () => holdLock(db, 'lock table bookings, booking_requests in access share mode')

/** Writes to a table as deciding and intake do, which needs no more than ROW EXCLUSIVE. */
async function write(lockTimeoutMs: number): Promise<void> {
  const database = db.open({ max: 1, lockTimeoutMs })
  try {
    await database.pool.query('update bookings set updated_at = now() where false')
  } finally {
    await database.close()
  }
}

async function columnsNamed(name: string): Promise<number> {
  const { rows } = await db.database.pool.query('select from information_schema.columns where column_name = $1', [name])
  return rows.length
}

describe('while a dump reads a table that a migration changes', () => {
  it('control: without a lock timeout whoever writes waits behind the migration', async () => {
    dump = await holdDump()
    const migrations = await given({ one: 'alter table bookings add column control_one integer' })
    const applied = applyMigrations(client, migrations, PATIENT)
    await waitForBlocked(db, { by: dump })
    await expect(write(100)).rejects.toMatchObject({ code: '55P03' })
    await dump.release()
    await applied
  })

  it('the migration lets others through again and again, and is applied once the dump is over', async () => {
    dump = await holdDump()
    const migrations = await given({ one: 'alter table bookings add column guarded_one integer' })
    const applied = applyMigrations(client, migrations, POLICY)
    await waitForBlocked(db, { by: dump })
    // Longer than one try, and not as long as the dump.
    await write(10_000)
    expect(await columnsNamed('guarded_one')).toBe(0)
    await dump.release()
    await applied
    expect(await columnsNamed('guarded_one')).toBe(1)
  })

  it('the migration gives up in the end, with a sentence, and those before it stay applied', async () => {
    dump = await holdDump()
    const migrations = await given({
      before: 'create table made_before (id integer)',
      blocked: 'alter table bookings add column never_made integer',
    })
    const applied = applyMigrations(client, migrations, { ...POLICY, giveUpAfterMs: 300 })
    await expect(applied).rejects.toThrow(MigrationBlockedError)
    await expect(applied).rejects.toThrow('The migration blocked got no lock on its tables')
    expect(await columnsNamed('never_made')).toBe(0)
    await dump.release()
    await applyMigrations(client, migrations, POLICY)
    expect(await columnsNamed('never_made')).toBe(1)
  })
})

it('each migration has a transaction of its own, that leaves nothing behind where it fails', async () => {
  const migrations = await given({
    good: 'create table made_good (id integer)',
    bad: 'create table half_made (id integer);\n--> statement-breakpoint\nselect 1 / 0',
  })
  await expect(applyMigrations(client, migrations, POLICY)).rejects.toMatchObject({ code: '22012' })
  const { rows } = await client.query(
    "select relname as name from pg_class where relname in ('made_good', 'half_made')",
  )
  expect(rows).toEqual([{ name: 'made_good' }])
})

it('a statement that takes too long with its locks is stopped', async () => {
  const migrations = await given({ slow: 'select pg_sleep(60)' })
  await expect(applyMigrations(client, migrations, { ...POLICY, statementTimeoutMs: 50 })).rejects.toMatchObject({
    code: '57014',
  })
})

it('an index is made beside whoever writes, outside a transaction', async () => {
  const migrations = await given({
    index: [
      '-- outside a transaction',
      'drop index concurrently if exists made_beside;',
      '--> statement-breakpoint',
      'create index concurrently made_beside on bookings (promo_code_id) where promo_code_id is not null;',
    ].join('\n'),
  })
  // The migration waits for a transaction that has written to the table, and blocks no other writer meanwhile.
  dump = await holdLock(db, 'update bookings set updated_at = now() where false')
  const applied = applyMigrations(client, migrations, POLICY)
  await waitForBlocked(db, { by: dump })
  await write(10_000)
  // Neither waits another process that would migrate within a statement, which the index would wait for in turn.
  await lockAndLeave()
  await dump.release()
  await applied
  const { rows } = await client.query(
    "select indisvalid as valid from pg_index where indexrelid = 'made_beside'::regclass",
  )
  expect(rows).toEqual([{ valid: true }])
})

async function lockAndLeave(): Promise<void> {
  const other = new pg.Client({ connectionString: db.url })
  await other.connect()
  await lockMigrations(other)
  await other.end()
}

it('the second process waits for the first without an open statement', async () => {
  await lockMigrations(client)
  const other = new pg.Client({ connectionString: db.url, application_name: 'second' })
  await other.connect()
  let locked = false
  const waiting = lockMigrations(other).then(() => (locked = true))
  await eventually(async () => {
    const { rows } = await db.database.pool.query(
      "select state, query from pg_stat_activity where application_name = 'second'",
    )
    expect(rows).toMatchObject([{ state: 'idle', query: expect.stringContaining('pg_try_advisory_lock') as unknown }])
  })
  expect(locked).toBe(false)
  await client.query('select pg_advisory_unlock_all()')
  await waiting
  await other.end()
})
