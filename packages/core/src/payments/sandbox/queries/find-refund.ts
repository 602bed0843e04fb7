import type pg from 'pg'
import type { Minor } from '../../../domain/money/money.ts'
import { run } from '../../../db/transaction.ts'

const FIND = {
  name: 'sandbox-find-refund',
  text: `select id, refund_id as "refundId", checkout_id as "checkoutId", amount
           from sandbox_refunds where id = $1 or refund_id = $2`,
}

export interface SandboxRefund {
  /** `sbr_…` */
  readonly id: string
  /** Ours. */
  readonly refundId: string
  readonly checkoutId: string
  readonly amount: Minor
}

/** Returns a refund by the sandbox's own id, or by ours. */
export async function findRefund(
  executor: pg.Pool | pg.PoolClient,
  by: { readonly id: string } | { readonly refundId: string },
): Promise<SandboxRefund | null> {
  const values = 'id' in by ? [by.id, null] : [null, by.refundId]
  const [row] = await run<SandboxRefund>(executor, FIND, values)
  return row ?? null
}
