import { beforeAll, expect, it } from 'vitest'
import { pageOf } from '@boxoffice/contract/fields.ts'
import { parked as parkedSchema } from '@boxoffice/contract/schemas/parked.ts'
import { createWorkerMetrics } from '@boxoffice/core/operations/metrics/worker-metrics.ts'
import { recordSetback } from '@boxoffice/core/setbacks/queries/record-setback.ts'
import { SETBACK_PAUSES_MS, type SetbackKind } from '@boxoffice/core/domain/setback.ts'
import { newId } from '@boxoffice/core/runtime/new-id.ts'
import { valueOf } from '../support/metrics.ts'
import { signTestToken } from '../support/tokens.ts'
import { sharedLifecycleApp } from './start-lifecycle-app.ts'
import { testLogger } from '../support/logger.ts'

let admin: string
const app = sharedLifecycleApp()
beforeAll(async () => {
  admin = await signTestToken('admin', { subject: 'admin:ops' })
})

const page = pageOf(parkedSchema)

/** Parks work by failing it as often as it may fail; returns its subject's id. */
async function park(kind: SetbackKind): Promise<string> {
  const { pool } = app.db.database
  const [subjectId, entityId] = [newId(), newId()]
  let isParked = false
  for (let failure = 0; failure <= SETBACK_PAUSES_MS.length; failure++) {
    expect(isParked).toBe(false)
    ;({ isParked } = await recordSetback(pool, newId(), { kind, subjectId, entityId }, 'It failed.'))
  }
  expect(isParked).toBe(true)
  return subjectId
}

const list = async (query = '') => {
  const answer = await app.send('GET', `/v1/parked${query}`, { token: admin })
  expect(answer.status).toBe(200)
  return page.parse(answer.body)
}

it('lists what is parked page by page, the newest first, and by kind', async () => {
  const [event, expiry, other] = [await park('event'), await park('expiry'), await park('event')]
  const first = await list('?limit=2')
  expect(first.items.map(({ subjectId }) => subjectId)).toEqual([other, expiry])
  const second = await list(`?limit=2&cursor=${first.nextCursor ?? ''}`)
  expect(second.items.map(({ subjectId }) => subjectId)).toEqual([event])
  expect(second.nextCursor).toBeNull()
  expect((await list('?kind=expiry')).items.map(({ subjectId }) => subjectId)).toEqual([expiry])
  expect((await app.send('GET', '/v1/parked?kind=nothing', { token: admin })).status).toBe(400)

  const metrics = await createWorkerMetrics({ pools: {}, reads: app.db.database, logger: testLogger }).scrape()
  expect(valueOf(metrics.body, 'boxoffice_parked{kind="event"}')).toBe(2)
  expect(valueOf(metrics.body, 'boxoffice_parked{kind="mail"}')).toBe(0)
})

it('retries one, once under a key, and tells the audit who did', async () => {
  await park('closing')
  const [{ id } = { id: '' }] = (await list('?kind=closing')).items
  const retry = () =>
    app.send('POST', `/v1/parked/${id}/retry`, { token: admin, body: {}, headers: { 'Idempotency-Key': 'retry-1' } })
  const answers = [await retry(), await retry()]
  for (const { status, body } of answers) {
    expect(status).toBe(200)
    expect(parkedSchema.parse(body)).toMatchObject({ id, failures: 0, retryAt: expect.any(String) })
  }
  expect((await list('?kind=closing')).items).toEqual([])
  const audit = await app.send('GET', `/v1/audit?entity=parked:${id}`, { token: admin })
  expect(audit.body).toMatchObject({
    items: [{ actor: 'admin:ops', action: 'parked.retried', before: { kind: 'closing', failures: 6 } }],
  })
})

it('knows nothing of what is done', async () => {
  const answer = await app.send('POST', `/v1/parked/${newId()}/retry`, { token: admin, body: {} })
  expect(answer).toMatchObject({ status: 404, body: { code: 'not_found' } })
})
