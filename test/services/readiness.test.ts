import { describe, expect, it } from 'vitest'
import { type Readiness, readinessProbe, whyUnready } from '@boxoffice/core/operations/readiness.ts'
import type { Transport } from '@boxoffice/core/queue/transport.ts'
import { sharedDatabase } from '../support/database.ts'
import { observePool } from '../support/observed-pool.ts'

const db = sharedDatabase()

const probe = (isStopping = () => false, queue: Pick<Transport, 'queue'> | null = null) => {
  const observed = observePool(db.database.pool)
  const ask = readinessProbe({ database: { ...db.database, pool: observed.pool }, queue: () => queue, isStopping })
  const looks = () => observed.statements.filter(({ text }) => text === 'select 1').length
  return { ask, looks, observed }
}

describe('readiness', () => {
  it('asks the database once for all who ask at the same time', async () => {
    const { ask, looks } = probe()
    const answers = await Promise.all(Array.from({ length: 200 }, () => ask()))
    expect(answers.every(({ ready }) => ready)).toBe(true)
    expect(looks()).toBe(1)
  })

  it('asks once while an answer is slow, and again afterwards', async () => {
    const { ask, looks, observed } = probe()
    const hold = observed.holdResults('select 1')
    const answers: Promise<Readiness>[] = [ask()]
    await hold.held
    answers.push(ask(), ask())
    hold.fail(new Error('the connection is gone'))
    for (const answer of await Promise.all(answers)) {
      expect(answer.ready).toBe(false)
      expect(whyUnready(answer)).toBe('The database does not answer.')
    }
    expect(looks()).toBe(1)
    await expect.poll(async () => (await ask()).ready).toBe(true)
    expect(looks()).toBe(2)
  })

  it('tells that the process stops at once, whatever was looked at a moment ago', async () => {
    let stopping = false
    const { ask } = probe(() => stopping)
    expect((await ask()).ready).toBe(true)
    stopping = true
    expect(whyUnready(await ask())).toBe('This process is stopping.')
  })
})
