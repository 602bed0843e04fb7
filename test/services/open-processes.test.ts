import { describe, expect, it } from 'vitest'
import type { Running } from '@boxoffice/core/settings/run-main.ts'
import type { Settings } from '@boxoffice/core/settings/settings.ts'
import { openApi } from '../../apps/api/src/open-api.ts'
import { openWorker } from '../../apps/worker/src/open-worker.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { occupyPort } from '../support/free-port.ts'
import { testSettings } from '../support/settings.ts'

interface Process {
  readonly name: string
  open(settings: Settings): Promise<Running>
  /** The settings whose ports are taken, each of a part that is opened late. */
  readonly taken: readonly string[]
}

const PROCESSES: readonly Process[] = [
  { name: 'the API', open: openApi, taken: ['PORT', 'METRICS_PORT'] },
  { name: 'a worker', open: openWorker, taken: ['WORKER_PORT'] },
]

const CASES = PROCESSES.flatMap(({ taken, ...process }) => taken.map((setting) => ({ ...process, setting })))

const settingsOf = (db: TestDatabase, environment: Readonly<Record<string, string>> = {}) =>
  testSettings({ DATABASE_URL: db.url, PORT: '0', HOST: '127.0.0.1', LOG_LEVEL: 'silent', ...environment })

/** Returns the pools and other connections of the product; those of the test are called `test…`. */
async function connectionsTo({ database }: TestDatabase): Promise<readonly string[]> {
  const { rows } = await database.pool.query<{ name: string }>(
    `select application_name as name from pg_stat_activity
     where datname = current_database() and application_name not like 'test%'`,
  )
  return rows.map(({ name }) => name)
}

const expectNone = (db: TestDatabase) => eventually(async () => expect(await connectionsTo(db)).toEqual([]))

describe.each(PROCESSES)('$name', ({ open }) => {
  it('closes all that it has opened when it is stopped', async () => {
    const db = await createTestDatabase()
    const running = await open(settingsOf(db))
    expect(await connectionsTo(db)).not.toEqual([])
    await running.stop()
    await expectNone(db)
    await db.drop()
  })
})

describe.each(CASES)('$name whose $setting is taken', ({ open, setting }) => {
  it('says so, and closes all that it has opened', async () => {
    const db = await createTestDatabase()
    const { port, release } = await occupyPort()
    await expect(open(settingsOf(db, { [setting]: String(port) }))).rejects.toThrow(String(port))
    await expectNone(db)
    await release()
    await db.drop()
  })
})
