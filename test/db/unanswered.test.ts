import { describe, expect, inject, it } from 'vitest'
import { inTransaction } from '@boxoffice/core/db/transaction.ts'
import { isTransient } from '@boxoffice/core/db/sql-errors.ts'
import { sharedDatabase } from '../support/database.ts'
import { shared } from '../support/shared.ts'
import { startTcpProxy } from '../support/tcp-proxy.ts'

const db = sharedDatabase()
const proxy = shared(
  () => startTcpProxy({ host: '127.0.0.1', port: Number(new URL(inject('postgresUrl')).port) }),
  (opened) => opened.close(),
)

describe('a database that does not answer any more', () => {
  it('is given up soon after its own limit, and asked again over a new connection', async () => {
    const url = new URL(db.url)
    url.port = String(proxy.port)
    const database = db.open({ url: url.href, statementTimeoutMs: 300, max: 2 })
    try {
      const transaction = inTransaction(database, async ({ client }) => {
        await client.query('select 1')
        proxy.freeze()
        await client.query('select 2')
      })
      const since = performance.now()
      const error: unknown = await transaction.catch((thrown: unknown) => thrown)
      expect(performance.now() - since).toBeLessThan(4_000)
      expect(isTransient(error)).toBe(true)
      expect(database.pool.totalCount).toBe(0)
      proxy.resume()
      await expect(database.pool.query('select 3')).resolves.toMatchObject({ rowCount: 1 })
    } finally {
      await database.close()
    }
  })
})

describe('errors worth another try', () => {
  const failure = (code: string) => Object.assign(new Error('failed'), { code })

  it.each(['40001', '40P01', '55P03', '53100', '53300', '57P01', '25006', '08006', 'ECONNREFUSED', 'EHOSTUNREACH'])(
    '%s is one',
    (code) => expect(isTransient(failure(code))).toBe(true),
  )

  it.each(['23505', '22P02', '42P01', '28P01', 'ENOENT'])('%s is none', (code) =>
    expect(isTransient(failure(code))).toBe(false),
  )
})
