import type pg from 'pg'
import { run } from '../../../db/transaction.ts'
import type { ClaimedDelivery } from './claim-deliveries.ts'

const POSTPONE = {
  name: 'sandbox-postpone-delivery',
  text: `
    update sandbox_deliveries
       set due_at = coalesce(clock_timestamp() + $3::float8 * interval '1 millisecond', 'infinity')
     where id = $1 and attempts = $2 and delivered_at is null`,
}

/**
 * Puts a webhook off for `waitMs`, or for good with `null`. Does nothing where the lease ran out and somebody else
 * has it by now.
 */
export async function postponeDelivery(
  pool: pg.Pool,
  { id, attempts }: Pick<ClaimedDelivery, 'id' | 'attempts'>,
  waitMs: number | null,
): Promise<void> {
  await run(pool, POSTPONE, [id, attempts, waitMs])
}
