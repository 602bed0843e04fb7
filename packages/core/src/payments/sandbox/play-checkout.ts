import type { Database } from '../../db/connect.ts'
import { inTransaction } from '../../db/transaction.ts'
import type { SandboxCheckout } from './checkout.ts'
import { decidePlay } from './decide-play.ts'
import type { SandboxPlay } from './plays.ts'
import { insertDeliveries } from './queries/insert-deliveries.ts'
import { lockCheckout } from './queries/lock-checkout.ts'
import { updateCheckout } from './queries/update-checkout.ts'
import { newEventId } from './sandbox-id.ts'
import { paymentWebhook } from './webhook-body.ts'

export type PlayResult =
  | { readonly kind: 'played'; readonly checkout: SandboxCheckout }
  /** The checkout is as it was; `reason` is a sentence for people. */
  | { readonly kind: 'refused'; readonly reason: string; readonly checkout: SandboxCheckout }
  | { readonly kind: 'unknown' }

/*
 * Keeps: what a checkout became and the reports of it are one commit, so that there is never a report without the money,
 * nor money whose report was lost by accident. Locks the checkout.
 */

/** Does on a checkout page what a buyer, or a provider on a bad day, would. */
export function playCheckout(database: Database, checkoutId: string, play: SandboxPlay): Promise<PlayResult> {
  return inTransaction(database, async (tx) => {
    const checkout = await lockCheckout(tx, checkoutId)
    if (checkout === null) return { kind: 'unknown' }
    const decision = decidePlay(checkout, play)
    if (decision.kind === 'refused') return { ...decision, checkout }

    const deliveries = decision.outgoing.flatMap(({ report, afterMs, copies }) => {
      const eventId = newEventId()
      const delivery = { eventId, body: paymentWebhook(eventId, checkout, report), afterMs }
      return Array.from({ length: copies }, () => delivery)
    })
    await insertDeliveries(tx, deliveries)
    return { kind: 'played', checkout: await updateCheckout(tx, checkoutId, decision.checkout) }
  })
}
