import { describe, expect, it } from 'vitest'
import { checkConnections } from '@boxoffice/core/operations/check-connections.ts'
import { connectionName } from '@boxoffice/core/db/process-tag.ts'
import { readConnections } from '@boxoffice/core/operations/queries/read-connections.ts'
import { connectionBudget } from '@boxoffice/core/domain/connection-budget.ts'
import { createLogger } from '@boxoffice/core/runtime/logger.ts'
import { sharedDatabase } from '../support/database.ts'
import { startProcess } from '../support/process.ts'

const OF = { api: 28, worker: 18 }
const own = { kind: 'api', name: 'boxoffice-general/self' } as const

describe('the connections that all processes may take', () => {
  it('are those of this one, where nobody else is connected', () => {
    const server = { names: ['boxoffice-general/self'], available: 97 }
    expect(connectionBudget(own, OF, server)).toEqual({
      processes: { api: 1, worker: 0 },
      needed: 28,
      available: 97,
      verdict: 'enough',
    })
  })

  it('are those of each process once, whatever it has open, and what others have open', () => {
    const api = ['boxoffice-intake/b', 'boxoffice-general/b', 'boxoffice-lifecycle/b']
    const worker = ['boxoffice-lifecycle/c', 'boxoffice-deciding/c', 'boxoffice-lifecycle/c', 'boxoffice-queue']
    const names = [own.name, ...api, ...worker, 'psql', '']
    expect(connectionBudget(own, OF, { names, available: 97 })).toMatchObject({
      processes: { api: 2, worker: 1 },
      needed: 2 * 28 + 18 + 2,
    })
  })

  it.each([
    [100, 'enough'],
    [80, 'tight'],
    [76, 'tight'],
    [75, 'too few'],
  ])('of %i are judged as %s for 76', (available, verdict) => {
    const names = ['boxoffice-intake/b', 'boxoffice-deciding/c', 'psql', 'psql']
    expect(connectionBudget(own, OF, { names, available }).verdict).toBe(verdict)
  })
})

describe('a process that starts', () => {
  const db = sharedDatabase()

  /** Returns what is logged for pools of this size. */
  async function logged(DATABASE_POOL: number): Promise<readonly unknown[][]> {
    const lines: unknown[][] = []
    const logger = createLogger('test', 'warn')
    for (const level of ['warn', 'error'] as const)
      logger[level] = (...line: unknown[]) => void lines.push([level, ...line])
    await checkConnections('api', db.database, { DATABASE_POOL, QUEUE_URL: 'redis://here', LANES: 8 }, logger)
    return lines
  }

  it('says nothing where there are connections enough', async () => {
    expect(await logged(2)).toEqual([])
  })

  it('logs an error with the figures where there are too few', async () => {
    const { available } = await readConnections(db.database.pool)
    const [[level, figures, message] = [], ...more] = await logged(1_000)
    expect([level, more]).toEqual(['error', []])
    expect(figures).toMatchObject({ available, each: { api: 2_021, worker: 1_009 } })
    expect(message).toContain('raise its max_connections')
  })

  it('knows of the other processes, each once', async () => {
    const others = await Promise.all([
      startProcess('api', { DATABASE_URL: db.url }),
      startProcess('worker', { DATABASE_URL: db.url }),
    ])
    try {
      const before = connectionBudget({ kind: 'api', name: connectionName('') }, OF, { names: [], available: 1 })
      const seen = connectionBudget({ kind: 'api', name: connectionName('') }, OF, await ownServer())
      expect(before.processes).toEqual({ api: 1, worker: 0 })
      expect(seen.processes).toEqual({ api: 2, worker: 1 })
    } finally {
      await Promise.all(others.map((other) => other.stop()))
    }
  })

  /** Returns the server without the connections of tests that run beside this one. */
  async function ownServer() {
    const { rows } = await db.database.pool.query<{ name: string }>(
      'select application_name as name from pg_stat_activity where datname = current_database()',
    )
    return { names: rows.map(({ name }) => name), available: 400 }
  }
})
