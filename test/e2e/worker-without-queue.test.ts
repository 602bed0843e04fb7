import { afterAll, beforeAll, expect, it } from 'vitest'
import { codesOf, readOutcomes } from '../concurrency/races.ts'
import { givenShowtime } from '../support/catalogue.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { type Engine, openEngine, seatsRequest } from '../support/engine.ts'
import { eventually } from '../support/eventually.ts'
import { findFreePort } from '../support/free-port.ts'
import { startScript } from '../support/process.ts'

let db: TestDatabase
let engine: Engine
beforeAll(async () => {
  db = await createTestDatabase()
  engine = openEngine(db)
})
afterAll(async () => {
  await engine.close()
  await db.drop()
})

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
