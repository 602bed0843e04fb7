import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import { LaneIntake } from '@boxoffice/core/booking-requests/intake/lane-intake.ts'
import { newId } from '@boxoffice/core/runtime/new-id.ts'
import { givenShowtime } from '../support/catalogue.ts'
import { sharedDatabase } from '../support/database.ts'
import { testLogger } from '../support/logger.ts'
import { observePool } from '../support/observed-pool.ts'
import type { Submission } from '@boxoffice/core/domain/booking-request.ts'

const db = sharedDatabase()

it('tells those who wait for a database that hangs, and writes none of them later that was not on its way', async () => {
  const { showtimeId } = await givenShowtime(db.database, { lane: 1 })
  const { pool, holdResults } = observePool(db.database.pool)
  const intake = new LaneIntake(1, {
    pool,
    logger: testLogger,
    maxBuffered: 10,
    answerWithinMs: 200,
    onWritten: () => undefined,
  })
  const request = (): Submission => ({
    resourceId: showtimeId,
    kind: 'showtime',
    owner: 'ada',
    idempotencyKey: randomUUID(),
    payload: { seats: ['A1'], customer: { name: 'Ada', email: 'ada@example.org' } },
    customerKeys: [],
  })
  const [sent, waiting, later] = [request(), request(), request()]
  const [sentId, laterId] = [newId(), newId()]
  const hang = holdResults('insert into booking_requests')
  const first = intake.submit(sentId, sent).catch((error: unknown) => error)
  await hang.held
  const second = intake.submit(newId(), waiting).catch((error: unknown) => error)
  expect(await first).toMatchObject({ code: 'unavailable' })
  expect(await second).toMatchObject({ code: 'unavailable' })
  hang.release()
  expect(await intake.submit(laterId, later)).toMatchObject({ kind: 'inserted' })

  const { rows } = await db.database.pool.query<{ id: string }>('select id from booking_requests order by seq')
  expect(rows.map(({ id }) => id)).toEqual([sentId, laterId])
  // A repetition under its key learns that it was accepted.
  expect(await intake.submit(newId(), sent)).toMatchObject({ kind: 'known', request: { view: { id: sentId } } })
})
