import type { Database } from '../../db/connect.ts'
import { inTransaction } from '../../db/transaction.ts'
import { formatMoney } from '../../domain/money/money.ts'
import { ProviderRefusedError, type RefundOrder } from '../provider.ts'
import { findCheckoutOfPayment } from './queries/find-checkout-of-payment.ts'
import { findRefund, type SandboxRefund } from './queries/find-refund.ts'
import { insertDeliveries } from './queries/insert-deliveries.ts'
import { insertRefund } from './queries/insert-refund.ts'
import { lockCheckout } from './queries/lock-checkout.ts'
import { sumRefunds } from './queries/sum-refunds.ts'
import { newEventId, newRefundId } from './sandbox-id.ts'
import { refundWebhook } from './webhook-body.ts'

/*
 * Keeps: the refunds of a checkout never sum to more than was captured, and a refund id stands for one refund.
 * Locks the checkout, under which both are looked up and written.
 */

/** Sends money back at once. Throws `ProviderRefusedError`. */
export function refundCheckout(database: Database, order: RefundOrder): Promise<SandboxRefund> {
  return inTransaction(database, async (tx) => {
    const found = await findCheckoutOfPayment(tx.client, order.paymentId)
    const checkout = found === null ? null : await lockCheckout(tx, found.id)
    if (checkout === null) throw new ProviderRefusedError('There is no such payment.')

    const earlier = await findRefund(tx.client, { refundId: order.refundId })
    if (earlier !== null) {
      if (earlier.checkoutId === checkout.id && earlier.amount === order.amount) return earlier
      throw new ProviderRefusedError('This refund id stands for another refund.')
    }
    if (checkout.captured === 0) throw new ProviderRefusedError('Nothing was paid that could be sent back.')
    if (checkout.capturedCurrency !== order.currency) {
      throw new ProviderRefusedError(`It was paid in ${checkout.capturedCurrency}, not in ${order.currency}.`)
    }
    const left = checkout.captured - (await sumRefunds(tx, checkout.id))
    if (!Number.isSafeInteger(order.amount) || order.amount < 1 || order.amount > left) {
      throw new ProviderRefusedError(`At most ${formatMoney(left, order.currency)} can be sent back.`)
    }

    const refund = { id: newRefundId(), refundId: order.refundId, checkoutId: checkout.id, amount: order.amount }
    await insertRefund(tx, refund)
    const eventId = newEventId()
    await insertDeliveries(tx, [{ eventId, body: refundWebhook(eventId, refund), afterMs: 0 }])
    return refund
  })
}
