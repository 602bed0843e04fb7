import { expect, it } from 'vitest'
import { codesOf, readOutcomes } from '../concurrency/races.ts'
import { givenShowtime } from '../support/catalogue.ts'
import { sharedDatabase } from '../support/database.ts'
import { seatsRequest, sharedEngine } from '../support/engine.ts'
import { eventually } from '../support/eventually.ts'
import { findFreePort } from '../support/free-port.ts'
import { startScript } from '../support/process.ts'

const db = sharedDatabase()
const engine = sharedEngine(db)

it('a worker that is started while Redis is away decides all the same, and stops when it is asked to', async () => {
  const { showtimeId } = await givenShowtime(db.database)
  await engine.line.accept(seatsRequest(showtimeId, ['A1']))
  const worker = startScript('apps/worker/src/main.ts', {
    DATABASE_URL: db.url,
    QUEUE_URL: `redis://127.0.0.1:${await findFreePort()}`,
    LOG_LEVEL: 'error',
  })
  try {
    await eventually(async () => expect(codesOf(await readOutcomes(db, showtimeId))).toEqual(['booked']))
  } finally {
    expect(await worker.stop()).toEqual({ code: 0, signal: null })
  }
})
