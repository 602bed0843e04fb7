import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { LaneIntake } from '@boxoffice/core/booking-requests/intake/lane-intake.ts'
import { newId } from '@boxoffice/core/runtime/new-id.ts'
import { givenShowtime } from '../support/catalogue.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { silent } from '../support/engine.ts'
import { observePool } from '../support/observed-pool.ts'

let db: TestDatabase

beforeAll(async () => {
  db = await createTestDatabase()
})
afterAll(() => db.drop())

it('tells those who wait for a database that hangs, and writes none of them later that was not on its way', async () => {
  const { showtimeId } = await givenShowtime(db.database, { lane: 1 })
  const { pool, holdResults } = observePool(db.database.pool)
  const intake = new LaneIntake(1, {
    pool,
    logger: silent,
    maxBuffered: 10,
    answerWithinMs: 200,
    onWritten: () => undefined,
  })
  const request = () => ({
    id: newId(),
    resourceId: showtimeId,
    owner: 'ada',
    idempotencyKey: `key:${randomUUID()}`,
    bodyHash: '00',
    payload: { seats: ['A1'], customer: { name: 'Ada', email: 'ada@example.org' } },
    customerKeys: [],
  })
  const [sent, waiting, later] = [request(), request(), request()]
  const hang = holdResults('insert into booking_requests')
  const first = intake.submit(sent).catch((error: unknown) => error)
  await hang.held
  const second = intake.submit(waiting).catch((error: unknown) => error)
  expect(await first).toMatchObject({ code: 'unavailable' })
  expect(await second).toMatchObject({ code: 'unavailable' })
  hang.release()
  expect(await intake.submit(later)).toMatchObject({ kind: 'inserted' })

  const { rows } = await db.database.pool.query<{ id: string }>('select id from booking_requests order by seq')
  expect(rows.map(({ id }) => id)).toEqual([sent.id, later.id])
  // Whoever repeats it under its key learns that it was accepted.
  expect(await intake.submit({ ...sent, id: newId() })).toMatchObject({ kind: 'known', row: { id: sent.id } })
})
