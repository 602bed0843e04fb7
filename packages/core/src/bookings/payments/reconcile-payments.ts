/**
 * Asking the provider how payments stand whose reports did not come: what settles a crash between provider and database, a
 * lost webhook, and a page that was paid while we gave it up.
 *
 * A payment that we gave up has its page closed first and is asked about afterwards: the other way round, a buyer could
 * pay in between and nobody would look again.
 */
import { and, eq, sql } from '../../db/drizzle.ts'
import type { Payment } from '../queries/lock-payments.ts'
import { payments } from '../../db/schema/index.ts'
import type { PaymentProvider } from '../../payments/provider.ts'
import { ProviderRefusedError, ProviderUnavailableError } from '../../payments/provider.ts'
import { providerOf } from '../../payments/providers.ts'
import { SYSTEM } from '../../records/cause.ts'
import type { LifecycleDependencies } from '../lifecycle.ts'
import { fewAtOnce } from '../../runtime/few-at-once.ts'
import { isOpen } from './fail-payment.ts'
import { settleReport } from './settle-payment.ts'

const MAX_DUE = 50
const FIRST_BACKOFF_S = 30
const MAX_BACKOFF_S = 1_800

/** Settles what is due to be asked about. One payment's failure keeps no other waiting. Returns promised refunds. */
export async function reconcilePayments(
  deps: LifecycleDependencies,
  stopping?: AbortSignal,
): Promise<readonly string[]> {
  const due = await claimDue(deps)
  const refundIds: string[] = []
  const settle = async (payment: Payment) => {
    try {
      refundIds.push(...(await reconcile(deps, payment)))
    } catch (error) {
      const expected = error instanceof ProviderUnavailableError || error instanceof ProviderRefusedError
      const log = expected ? deps.logger.warn : deps.logger.error
      log.call(
        deps.logger,
        { err: error, payment: payment.id },
        'a payment could not be reconciled, trying again later',
      )
    }
  }
  await fewAtOnce(due, settle, stopping)
  return refundIds
}

/** Takes due payments for a while: until then nobody else asks, and afterwards somebody does. */
async function claimDue({ database }: LifecycleDependencies): Promise<Payment[]> {
  const due = database.orm
    .select({ id: payments.id })
    .from(payments)
    .where(sql`${payments.reconcileAt} <= now()`)
    .orderBy(payments.reconcileAt)
    .limit(MAX_DUE)
    .for('no key update', { skipLocked: true })
  return database.orm
    .update(payments)
    .set({
      reconcileAttempts: sql`${payments.reconcileAttempts} + 1`,
      reconcileAt: sql`clock_timestamp() + make_interval(secs => least(${MAX_BACKOFF_S}, ${FIRST_BACKOFF_S} * 2 ^ least(${payments.reconcileAttempts}, 10)))`,
    })
    .where(sql`${payments.id} in (${due})`)
    .returning()
}

async function reconcile(deps: LifecycleDependencies, payment: Payment): Promise<readonly string[]> {
  const provider = providerOf(deps.providers, payment.provider)
  const atProvider = { paymentId: payment.id, providerReference: payment.providerReference }
  if (isOpen(payment)) {
    const report = await provider.findPayment(atProvider)
    // What was declined was told when it happened; asked again and again it would be counted again and again.
    if (report === null || report.status === 'declined') return []
    return (await settleReport(deps, payment.id, report, SYSTEM)).refundIds
  }
  return closeAndAsk(deps, provider, payment)
}

async function closeAndAsk(
  deps: LifecycleDependencies,
  provider: PaymentProvider,
  payment: Payment,
): Promise<readonly string[]> {
  const atProvider = { paymentId: payment.id, providerReference: payment.providerReference }
  await provider.cancelCheckout(atProvider)
  const report = await provider.findPayment(atProvider)
  // The money is on its way and can no longer be stopped: ask until it has arrived or not.
  if (report?.status === 'processing') return []
  const settled = report === null ? { refundIds: [] } : await settleReport(deps, payment.id, report, SYSTEM)
  await deps.database.orm
    .update(payments)
    .set({ reconcileAt: null })
    .where(and(eq(payments.id, payment.id), eq(payments.reconcileAttempts, payment.reconcileAttempts)))
  return settled.refundIds
}
