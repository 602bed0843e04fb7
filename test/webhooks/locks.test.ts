import { afterEach, describe, expect, it } from 'vitest'
import type { Database } from '@boxoffice/core/db/connect.ts'
import { claimDeliveries, type ClaimedDelivery } from '@boxoffice/core/webhooks/queries/claim-webhook-deliveries.ts'
import { settleDelivery } from '@boxoffice/core/webhooks/queries/settle-webhook-delivery.ts'
import { sqlState } from '@boxoffice/core/db/sql-errors.ts'
import { newId } from '@boxoffice/core/runtime/new-id.ts'
import { updateEndpoint } from '@boxoffice/core/webhooks/update-endpoint.ts'
import { holdBefore, withStatement } from '../support/intercepted-database.ts'
import { waitForBlocked } from '../support/locks.ts'
import { sharedStage } from './harness.ts'

const stage = sharedStage()
afterEach(() => stage.reset())

const settle = ({ pool }: Database, { id, attempts }: ClaimedDelivery) =>
  settleDelivery(
    pool,
    {
      attemptId: newId(),
      deliveryId: id,
      attempts,
      status: 'delivered',
      waitMs: null,
      statusCode: 204,
      error: null,
      response: null,
      durationMs: 1,
    },
    1_000,
  )

/**
 * Enables an endpoint again that failed and was disabled, and holds that before it calls what waits. Meanwhile a
 * delivery that was on its way succeeds, so that the next one is called and the endpoint fails no more.
 */
async function enableWhileSettling(settling: Database) {
  const { database } = stage.db
  const id = await stage.endpoint('http://receiver.example')
  await stage.events(2)
  const { claimed } = await claimDeliveries(database.pool, {
    room: 10,
    roomEach: 10,
    inHand: [],
    endpointIds: [],
    only: false,
    leaseMs: 30_000,
  })
  const [onItsWay] = claimed
  if (onItsWay === undefined) throw new Error('nothing was due')
  await database.pool.query(
    `update webhook_endpoints set failing_since = now(), status = 'disabled', disabled_reason = 'manual' where id = $1`,
    [id],
  )
  const hold = holdBefore('call-webhook-deliveries')
  const terms = { actor: 'test', requestId: null, id, organizerId: stage.organizerId, status: 'active' } as const
  const enabled = updateEndpoint(hold.wrap(database), terms)
  await hold.reached
  const settled = settle(settling, onItsWay)
  await waitForBlocked(stage.db)
  hold.release()
  return { id, results: await Promise.allSettled([enabled, settled]) }
}

/** Makes the statement lock the endpoint last. PostgreSQL may run its parts in any order that their data allow. */
const lockEndpointLast = (text: string) =>
  text
    .replace('and (select count(*) from endpoint) >= 0', '')
    .replace("where $3 <> 'pending')", "where $3 <> 'pending') returning id")
    .replace("and ($3 <> 'failed' or", "and (select count(*) from called) >= 0 and ($3 <> 'failed' or")

describe('a delivery that is settled while its endpoint is enabled again', () => {
  it('deadlocks with it where the endpoint is locked last: the control', async () => {
    const own = stage.db.open({ name: 'test-unordered', max: 1 })
    try {
      const endpointLast = withStatement(own, 'settle-webhook-delivery', lockEndpointLast)
      const { results } = await enableWhileSettling(endpointLast)
      const failures = results.flatMap((result) => (result.status === 'rejected' ? [sqlState(result.reason)] : []))
      expect(failures).toEqual(['40P01'])
    } finally {
      await own.close()
    }
  })

  it('waits for it, and both go through', async () => {
    const { id, results } = await enableWhileSettling(stage.db.database)
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled'])
    expect(await stage.statuses(id)).toEqual({ delivered: 1, pending: 1 })
    const { rows } = await stage.db.database.pool.query(
      `select e.failing_since is null as well, d.next_attempt_at <= now() as due
       from webhook_endpoints e join webhook_deliveries d on d.endpoint_id = e.id and d.status = 'pending'`,
    )
    expect(rows).toEqual([{ well: true, due: true }])
  })
})
