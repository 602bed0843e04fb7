/**
 * Sending promised refunds to their provider. The refund's id is the provider's idempotency key, so a refund whose answer
 * was lost is sent again. No transaction is open while the provider works.
 */
import { and, eq, sql } from '../../db/drizzle.ts'
import type { Refund } from '../queries/lock-payments.ts'
import { payments, refunds } from '../../db/schema/index.ts'
import { ProviderRefusedError, ProviderUnavailableError } from '../../payments/provider.ts'
import { providerOf } from '../../payments/providers.ts'
import { SYSTEM } from '../../records/cause.ts'
import type { LifecycleDependencies } from '../lifecycle.ts'
import { fewAtOnce } from '../../runtime/few-at-once.ts'
import { settleRefund } from './settle-refund.ts'

/** Longer than a provider may take, over several calls: nobody else sends it meanwhile. */
const LEASE_S = 90
const MAX_BACKOFF_S = 3_600
const MAX_DUE = 50

/** Sends a refund now, if it is due. Failures are logged and tried again later. */
export async function sendRefund(deps: LifecycleDependencies, refundId: string): Promise<void> {
  const refund = await claim(deps, refundId)
  if (refund === undefined) return
  const [payment] = await deps.database.orm.select().from(payments).where(eq(payments.id, refund.paymentId))
  if (payment === undefined) throw new Error(`refund ${refundId} has no payment`)
  try {
    const provider = providerOf(deps.providers, payment.provider)
    const reported =
      refund.status === 'sent' && refund.providerReference !== null
        ? {
            providerReference: refund.providerReference,
            report: await provider.findRefund({ providerReference: refund.providerReference }),
          }
        : await provider.refund({
            refundId,
            paymentId: payment.id,
            providerReference: payment.providerReference,
            amount: refund.amount,
            currency: refund.currency,
          })
    await settleRefund(deps, refundId, reported, SYSTEM)
  } catch (error) {
    // What the provider has taken on it has taken on, whatever it says to being asked: the key may be another one's.
    if (error instanceof ProviderRefusedError && refund.status === 'reserved') {
      const report = { status: 'failed', reason: error.message } as const
      await settleRefund(deps, refundId, { providerReference: null, report }, SYSTEM)
    } else if (error instanceof ProviderUnavailableError || error instanceof ProviderRefusedError) {
      deps.logger.warn({ err: error, refund: refundId }, 'a refund could not be sent, trying again later')
    } else throw error
  }
}

/** Sends what is due. One refund's failure keeps no other waiting. Returns how many were sent. */
export async function sendDueRefunds(deps: LifecycleDependencies, stopping?: AbortSignal): Promise<number> {
  const due = await deps.database.orm
    .select({ id: refunds.id })
    .from(refunds)
    .where(sql`${refunds.sendAt} <= now()`)
    .orderBy(refunds.sendAt)
    .limit(MAX_DUE)
  const send = async ({ id }: { readonly id: string }) => {
    try {
      await sendRefund(deps, id)
    } catch (error) {
      deps.logger.error({ err: error, refund: id }, 'a refund could not be sent')
    }
  }
  await fewAtOnce(due, send, stopping)
  return due.length
}

/** Takes a due refund for a while: until then nobody else sends it, and afterwards somebody does. */
async function claim({ database }: LifecycleDependencies, refundId: string): Promise<Refund | undefined> {
  const [claimed] = await database.orm
    .update(refunds)
    .set({
      sendAttempts: sql`${refunds.sendAttempts} + 1`,
      sendAt: sql`clock_timestamp() + make_interval(secs => least(${MAX_BACKOFF_S}, ${LEASE_S} * 2 ^ least(${refunds.sendAttempts}, 20)))`,
    })
    // Times of ours are rounded up to the millisecond: what was promised just now is due.
    .where(and(eq(refunds.id, refundId), sql`${refunds.sendAt} <= clock_timestamp() + interval '1 second'`))
    .returning()
  return claimed
}
