import type pg from 'pg'
import { run } from '../transaction.ts'

const DAYS_KEPT = { idempotencyKeys: 1, providerInbox: 30, sandboxDeliveries: 7 }

const CLEAN = [
  {
    name: 'clean-idempotency-keys',
    text: `delete from idempotency_keys where created_at < now() - make_interval(days => ${DAYS_KEPT.idempotencyKeys})`,
  },
  {
    name: 'clean-provider-inbox',
    text: `delete from provider_inbox where handled_at < now() - make_interval(days => ${DAYS_KEPT.providerInbox})`,
  },
  {
    name: 'clean-sandbox-deliveries',
    text: `delete from sandbox_deliveries
      where delivered_at < now() - make_interval(days => ${DAYS_KEPT.sandboxDeliveries})`,
  },
]

/**
 * Deletes what has served its time: idempotency keys after a day, what providers sent (which may name the buyer) after 30
 * days, the sandbox's webhooks after a week.
 */
export async function cleanUp(pool: pg.Pool): Promise<void> {
  for (const statement of CLEAN) await run(pool, statement, [])
}
