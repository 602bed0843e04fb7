import { isTooHeavy, sqlState } from '@boxoffice/core/db/sql-errors.ts'
import { describe, expect, it } from 'vitest'
import { sharedDatabase } from '../support/database.ts'
import { Problem } from '@boxoffice/core/use-case/problem.ts'

const thrown = async (work: () => unknown): Promise<unknown> => {
  try {
    await work()
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}

const withCode = (code: string) => Object.assign(new Error('of the server'), { code })

it('a problem has no state but that of its cause', () => {
  expect(sqlState(new Problem('unavailable'))).toBeUndefined()
  expect(sqlState(new Problem('invalid_request', { cause: withCode('22P05') }))).toBe('22P05')
})

describe('what is too heavy', () => {
  const test = sharedDatabase()

  it('is a statement over its time, also where somebody has wrapped it', async () => {
    const database = test.open({ statementTimeoutMs: 50 })
    const error = await thrown(() => database.pool.query('select pg_sleep(10)'))
    expect(isTooHeavy(error)).toBe(true)
    expect(isTooHeavy(new Error('Failed query', { cause: error }))).toBe(true)
    await database.close()
  })

  it('is a transaction that the server ended while this process was busy', async () => {
    const database = test.open({ idleInTransactionTimeoutMs: 50 })
    const client = await database.pool.connect()
    const ended = new Promise((resolve) => client.once('error', resolve))
    await client.query('begin')
    expect(isTooHeavy(await ended)).toBe(true)
    expect(isTooHeavy(await thrown(() => client.query('select 1')))).toBe(true)
    client.release(true)
    await database.close()
  })

  it('is what the server cannot allocate, and what fits into no string or array of V8', async () => {
    const database = test.open()
    expect(isTooHeavy(await thrown(() => database.pool.query("select repeat('x', 1100000000)")))).toBe(true)
    await database.close()
    expect(isTooHeavy(await thrown(() => 'x'.repeat(2 ** 30)))).toBe(true)
    expect(isTooHeavy(await thrown(() => Array.from({ length: 2 ** 32 })))).toBe(true)
  })

  it.each(['53200', '53100', '54000', '57P02', 'ECONNRESET'])('is %s', (code) => {
    expect(isTooHeavy(withCode(code))).toBe(true)
  })

  it.each(['55P03', '40P01', '40001', '23505', '22003', '57P03', 'ECONNREFUSED'])('is not %s', (code) => {
    expect(isTooHeavy(withCode(code))).toBe(false)
  })

  it('is not a connection that could not be made, nor any other bug', () => {
    expect(isTooHeavy(new Error('Connection terminated due to connection timeout'))).toBe(false)
    expect(isTooHeavy(new RangeError('bigint 9223372036854775807 is outside the safe integers'))).toBe(false)
    expect(isTooHeavy('no error')).toBe(false)
  })
})
