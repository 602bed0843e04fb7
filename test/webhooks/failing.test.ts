import { afterEach, describe, expect, it } from 'vitest'
import { failLeftOverDeliveries } from '@boxoffice/core/webhooks/queries/fail-webhook-deliveries.ts'
import { updateEndpoint } from '@boxoffice/core/webhooks/update-endpoint.ts'
import { openReceiver, seqsOf, sharedStage, sendDue } from './harness.ts'
import { shared } from '../support/shared.ts'

const stage = sharedStage()
const receiver = shared(openReceiver, (opened) => opened.close())
afterEach(async () => {
  await stage.reset()
  receiver.received.length = 0
  receiver.answer = () => 204
})

const change = (id: string, input: { readonly status?: 'active' | 'disabled'; readonly url?: string }) =>
  updateEndpoint(stage.db.database, { actor: 'test', requestId: null, id, organizerId: stage.organizerId, ...input })

async function standingOf(id: string) {
  const { rows } = await stage.db.database.pool.query<{ status: string; failing: boolean }>(
    'select status, failing_since is not null as failing from webhook_endpoints where id = $1',
    [id],
  )
  return rows[0]
}

describe('an endpoint that failed long ago', () => {
  it('has five days again once nothing is left to be sent to it', async () => {
    const id = await stage.endpoint(receiver.url)
    receiver.answer = () => 500
    await stage.events(1)
    const sender = stage.sender()
    await sendDue(sender)
    expect(await standingOf(id)).toEqual({ status: 'active', failing: true })
    await stage.db.database.pool.query(`update webhook_endpoints set failing_since = now() - interval '4 days'`)
    for (let attempt = 0; attempt < 11; attempt++) {
      await stage.letTimePass()
      await sendDue(sender)
    }
    expect(await stage.statuses(id)).toEqual({ failed: 1 })
    expect(await standingOf(id)).toEqual({ status: 'active', failing: false })

    // A week later, one hiccup.
    receiver.answer = (_, nth) => (nth === receiver.received.length && nth % 2 === 0 ? 503 : 204)
    receiver.received.length = 1
    await stage.events(1)
    await sendDue(sender)
    await stage.letTimePass()
    await sendDue(sender)
    expect(await standingOf(id)).toEqual({ status: 'active', failing: false })
    expect(await stage.statuses(id)).toEqual({ failed: 1, delivered: 1 })
  })

  it('is still disabled where more is waiting, and it has failed for five days', async () => {
    const id = await stage.endpoint(receiver.url)
    receiver.answer = () => 500
    await stage.events(2)
    const sender = stage.sender()
    await sendDue(sender)
    await stage.db.database.pool.query(`update webhook_endpoints set failing_since = now() - interval '6 days'`)
    await stage.letTimePass()
    await sendDue(sender)
    expect(await standingOf(id)).toMatchObject({ status: 'disabled' })
  })
})

it('deliveries behind one that was given up are sent at once when their endpoint is enabled again', async () => {
  const id = await stage.endpoint(receiver.url)
  receiver.answer = () => 500
  const entity = await stage.events(3)
  const sender = stage.sender()
  await sendDue(sender)
  await change(id, { status: 'disabled' })
  // The look that gives up what waits got no further than the first of them.
  await failLeftOverDeliveries(stage.db.database.pool, 1)
  await stage.db.database.pool.query(
    `update webhook_deliveries set next_attempt_at = now() + interval '1 day' where status = 'pending'`,
  )
  receiver.answer = () => 204
  receiver.received.length = 0
  await change(id, { status: 'active' })
  await sendDue(sender)
  expect(seqsOf(receiver.received, entity)).toHaveLength(2)
  expect(await stage.statuses(id)).toEqual({ failed: 1, delivered: 2 })
})

it('a delivery accepted while its endpoint was being disabled counts as delivered', async () => {
  const id = await stage.endpoint(receiver.url)
  await stage.events(1)
  receiver.answer = async () => {
    await change(id, { status: 'disabled' })
    await failLeftOverDeliveries(stage.db.database.pool, 500)
    return 204
  }
  await sendDue(stage.sender())
  expect(await stage.statuses(id)).toEqual({ delivered: 1 })
})

it('the answer of an address says nothing about the one that has taken its place', async () => {
  const id = await stage.endpoint(`${receiver.url}/old`)
  await stage.events(1)
  receiver.answer = async ({ path }) => {
    if (path !== '/old') return 204
    await change(id, { url: `${receiver.url}/new` })
    return 410
  }
  await sendDue(stage.sender())
  expect(await standingOf(id)).toMatchObject({ status: 'active' })
})

it('a delivery whose attempts never come to a result is given up unsent, and the one behind it goes out', async () => {
  const id = await stage.endpoint(receiver.url)
  const entity = await stage.events(2)
  // All allowed attempts, by processes that died or could not record the result.
  await stage.db.database.pool.query(
    'update webhook_deliveries set attempts = 11 where endpoint_id = $1 and entity_seq = 1',
    [id],
  )
  const sender = stage.sender()
  await sendDue(sender)
  await sendDue(sender)
  expect(await stage.statuses(id)).toEqual({ failed: 1, delivered: 1 })
  expect(seqsOf(receiver.received, entity)).toEqual([2])
})
