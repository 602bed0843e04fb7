import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  ProviderRefusedError,
  WebhookRefusedError,
  type Checkout,
  type CheckoutOrder,
  type PaymentAtProvider,
  type PaymentEvent,
  type PaymentProvider,
  type ProviderEvent,
  type RefundOrder,
  type RefundReceipt,
  type WebhookHeaders,
} from '@boxoffice/core/payments/provider.ts'

/** A webhook as it reaches Boxoffice. */
export interface SentWebhook {
  readonly body: Buffer
  readonly headers: WebhookHeaders
}

/**
 * A provider and its surroundings. Each action of a buyer returns the webhooks that the provider sends because of it,
 * oldest first; at least one.
 */
export interface ProviderHarness {
  readonly provider: PaymentProvider
  /** Pays, and the money is there at once. */
  approve(checkout: Checkout): Promise<readonly SentWebhook[]>
  /** Pays by a means that takes its time. */
  approveLater(checkout: Checkout): Promise<readonly SentWebhook[]>
  /** Lets the money arrive after `approveLater`. */
  settle(checkout: Checkout): Promise<readonly SentWebhook[]>
  /** Tries a card that is declined; the page stays open. */
  decline(checkout: Checkout): Promise<readonly SentWebhook[]>
  /** Tries to pay, and it fails for good. */
  failFinally(checkout: Checkout): Promise<readonly SentWebhook[]>
  /** Lets a refund reach its end. Returns no webhook for a provider whose refunds are done with the answer. */
  settleRefund(receipt: RefundReceipt): Promise<readonly SentWebhook[]>
  /**
   * Returns the headers under which these bytes are sent at `at`; signed with another secret than the provider's unless
   * `genuine`.
   */
  sign(body: Buffer, signing: { readonly at: Date; readonly genuine: boolean }): WebhookHeaders
  close(): Promise<void>
}

const MINUTE_MS = 60_000

export function orderOf(changes: Partial<CheckoutOrder> = {}): CheckoutOrder {
  return {
    paymentId: randomUUID(),
    bookingReference: 'ABCD2345',
    amount: 2_472,
    currency: 'EUR',
    description: 'Farol Cinema, 2 seats: E5, E6',
    customerEmail: 'ada@example.com',
    returnUrl: 'https://shop.example/thanks',
    expiresAt: new Date(Date.now() + 10 * MINUTE_MS),
    ...changes,
  }
}

/** Declares the tests that every payment provider must pass. */
export function describeProviderContract(name: string, open: () => Promise<ProviderHarness>): void {
  describe(`the payment provider ${name}`, () => {
    let harness: ProviderHarness
    let provider: PaymentProvider

    beforeAll(async () => {
      harness = await open()
      provider = harness.provider
    })
    afterAll(async () => {
      await harness.close()
    })

    const begin = async (changes: Partial<CheckoutOrder> = {}) => {
      const order = orderOf(changes)
      const checkout = await provider.createCheckout(order)
      const payment: PaymentAtProvider = {
        paymentId: order.paymentId,
        providerReference: checkout.providerReference,
      }
      return { order, checkout, payment, unanswered: { ...payment, providerReference: null } }
    }
    const paid = async (changes: Partial<CheckoutOrder> = {}) => {
      const begun = await begin(changes)
      await harness.approve(begun.checkout)
      const refund = (amount: number, refundId: string = randomUUID()): RefundOrder => ({
        ...begun.payment,
        refundId,
        amount,
        currency: begun.order.currency,
      })
      return { ...begun, refund }
    }
    const read = (sent: SentWebhook) => provider.readWebhook(sent.body, sent.headers)
    const eventsIn = (sent: readonly SentWebhook[]) => sent.map(read).filter((event) => event !== null)
    const lastOf = (sent: readonly SentWebhook[]): ProviderEvent => {
      const last = eventsIn(sent).at(-1)
      if (last === undefined) throw new Error('no webhook means anything')
      return last
    }
    const lastPaymentEvent = (sent: readonly SentWebhook[]): PaymentEvent => {
      const last = lastOf(sent)
      if (last.kind !== 'payment') throw new Error(`not about a payment: ${last.kind}`)
      return last
    }
    const oneWebhook = async (): Promise<SentWebhook> => {
      const { checkout } = await begin({ description: 'Kärdla – Ночь ☾' })
      const sent = (await harness.approve(checkout)).findLast((webhook) => read(webhook) !== null)
      if (sent === undefined) throw new Error('no webhook means anything')
      return sent
    }
    const aReason = expect.stringMatching(/\S/)

    describe('a checkout', () => {
      it('has a reference and an address where a browser finds it', async () => {
        const { checkout } = await begin()
        expect(checkout.providerReference).toMatch(/\S/)
        expect(['http:', 'https:']).toContain(new URL(checkout.checkoutUrl).protocol)
      })

      it('is the same one when its payment is sent again', async () => {
        const { order, checkout } = await begin()
        expect(await provider.createCheckout(order)).toEqual(checkout)
      })

      it('is the same one when its payment is sent twice at once', async () => {
        const order = orderOf()
        const [first, second] = await Promise.all([provider.createCheckout(order), provider.createCheckout(order)])
        expect(second).toEqual(first)
      })

      it('is another one for another payment of the same booking', async () => {
        const { order, checkout } = await begin()
        const other = await provider.createCheckout({ ...order, paymentId: randomUUID() })
        expect(other.providerReference).not.toBe(checkout.providerReference)
        expect(other.checkoutUrl).not.toBe(checkout.checkoutUrl)
      })

      it('needs no page to return to', async () => {
        const { checkout, payment } = await begin({ returnUrl: null })
        await harness.approve(checkout)
        expect(await provider.findPayment(payment)).toMatchObject({ status: 'completed' })
      })
    })

    describe('finding a payment', () => {
      it('is null where nobody has heard of it', async () => {
        const paymentId = randomUUID()
        expect(await provider.findPayment({ paymentId, providerReference: null })).toBeNull()
        expect(await provider.findPayment({ paymentId, providerReference: 'never_given_out' })).toBeNull()
      })

      it('says open before the buyer has done anything', async () => {
        const { payment } = await begin()
        expect(await provider.findPayment(payment)).toEqual({ status: 'open' })
      })

      it('needs no reference, for the answer that had it may have been lost', async () => {
        const { checkout, unanswered } = await begin()
        expect(await provider.findPayment(unanswered)).toEqual({ status: 'open' })
        await harness.approve(checkout)
        expect(await provider.findPayment(unanswered)).toMatchObject({ status: 'completed' })
      })

      it('says completed, with the amount and currency that were taken', async () => {
        const { checkout, payment } = await begin({ amount: 1_999, currency: 'EUR' })
        await harness.approve(checkout)
        expect(await provider.findPayment(payment)).toEqual({
          status: 'completed',
          captured: { amount: 1_999, currency: 'EUR' },
        })
      })

      it('counts yen in yen', async () => {
        const { checkout, payment } = await begin({ amount: 1_800, currency: 'JPY' })
        await harness.approve(checkout)
        expect(await provider.findPayment(payment)).toEqual({
          status: 'completed',
          captured: { amount: 1_800, currency: 'JPY' },
        })
      })

      it('says processing while the money is on its way, then completed', async () => {
        const { checkout, payment } = await begin()
        await harness.approveLater(checkout)
        expect(await provider.findPayment(payment)).toEqual({ status: 'processing' })
        await harness.settle(checkout)
        expect(await provider.findPayment(payment)).toEqual({
          status: 'completed',
          captured: { amount: 2_472, currency: 'EUR' },
        })
      })

      it('says declined and why, and completed once another card was taken', async () => {
        const { checkout, payment } = await begin()
        await harness.decline(checkout)
        expect(await provider.findPayment(payment)).toEqual({ status: 'declined', reason: aReason })
        await harness.approve(checkout)
        expect(await provider.findPayment(payment)).toMatchObject({ status: 'completed' })
      })

      it('says failed and why, once it is final', async () => {
        const { checkout, payment } = await begin()
        await harness.failFinally(checkout)
        expect(await provider.findPayment(payment)).toEqual({ status: 'failed', reason: aReason })
      })
    })

    describe('cancelling a checkout', () => {
      it('closes it for good, and again changes nothing', async () => {
        const { payment } = await begin()
        await provider.cancelCheckout(payment)
        expect(await provider.findPayment(payment)).toEqual({ status: 'failed', reason: aReason })
        await provider.cancelCheckout(payment)
        expect(await provider.findPayment(payment)).toMatchObject({ status: 'failed' })
      })

      it('needs no reference', async () => {
        const { payment, unanswered } = await begin()
        await provider.cancelCheckout(unanswered)
        expect(await provider.findPayment(payment)).toMatchObject({ status: 'failed' })
      })

      it('closes one on which a card was declined', async () => {
        const { checkout, payment } = await begin()
        await harness.decline(checkout)
        await provider.cancelCheckout(payment)
        expect(await provider.findPayment(payment)).toMatchObject({ status: 'failed' })
      })

      it('does nothing to one that was paid', async () => {
        const { checkout, payment } = await begin()
        await harness.approve(checkout)
        await provider.cancelCheckout(payment)
        expect(await provider.findPayment(payment)).toMatchObject({ status: 'completed' })
      })

      it('does not stop money that is on its way', async () => {
        const { checkout, payment } = await begin()
        await harness.approveLater(checkout)
        await provider.cancelCheckout(payment)
        expect(await provider.findPayment(payment)).toEqual({ status: 'processing' })
        await harness.settle(checkout)
        expect(await provider.findPayment(payment)).toMatchObject({ status: 'completed' })
      })

      it('does nothing to one that failed', async () => {
        const { checkout, payment } = await begin()
        await harness.failFinally(checkout)
        await provider.cancelCheckout(payment)
        expect(await provider.findPayment(payment)).toMatchObject({ status: 'failed' })
      })

      it('does nothing to one that never was', async () => {
        const paymentId = randomUUID()
        await provider.cancelCheckout({ paymentId, providerReference: null })
        await provider.cancelCheckout({ paymentId, providerReference: 'never_given_out' })
      })
    })

    describe('webhooks', () => {
      it('say completed, with the amount and currency that were taken', async () => {
        const { order, checkout } = await begin()
        expect(lastPaymentEvent(await harness.approve(checkout))).toEqual({
          kind: 'payment',
          eventId: aReason,
          paymentId: order.paymentId,
          providerReference: checkout.providerReference,
          report: { status: 'completed', captured: { amount: order.amount, currency: order.currency } },
        })
      })

      it('say processing while the money is on its way, then completed', async () => {
        const { order, checkout } = await begin()
        expect(lastPaymentEvent(await harness.approveLater(checkout))).toMatchObject({
          paymentId: order.paymentId,
          report: { status: 'processing' },
        })
        expect(lastPaymentEvent(await harness.settle(checkout))).toMatchObject({
          paymentId: order.paymentId,
          report: { status: 'completed', captured: { amount: order.amount, currency: order.currency } },
        })
      })

      it('say declined and why, which is not final', async () => {
        const { order, checkout } = await begin()
        expect(lastPaymentEvent(await harness.decline(checkout))).toMatchObject({
          paymentId: order.paymentId,
          report: { status: 'declined', reason: aReason },
        })
        expect(lastPaymentEvent(await harness.approve(checkout))).toMatchObject({
          paymentId: order.paymentId,
          report: { status: 'completed' },
        })
      })

      it('say failed and why, once it is final', async () => {
        const { order, checkout } = await begin()
        expect(lastPaymentEvent(await harness.failFinally(checkout))).toMatchObject({
          paymentId: order.paymentId,
          report: { status: 'failed', reason: aReason },
        })
      })

      it('name a reference under which the payment is found', async () => {
        const { order, checkout } = await begin()
        const sent = [...(await harness.decline(checkout)), ...(await harness.approve(checkout))]
        for (const { providerReference } of eventsIn(sent)) {
          const found = await provider.findPayment({ paymentId: order.paymentId, providerReference })
          expect(found).toMatchObject({ status: 'completed' })
        }
      })

      it('have the same id when they are sent again, and another for another report', async () => {
        const { checkout } = await begin()
        const sent = [...(await harness.decline(checkout)), ...(await harness.approve(checkout))]
        const again = sent.map(({ body }) => ({
          body,
          headers: harness.sign(body, { at: new Date(Date.now() + MINUTE_MS), genuine: true }),
        }))
        expect(eventsIn(again)).toEqual(eventsIn(sent))
        const ids = eventsIn(sent).map(({ eventId }) => eventId)
        expect(new Set(ids).size).toBe(ids.length)
        expect(ids.length).toBeGreaterThan(1)
      })

      it('are refused when someone else signed them', async () => {
        const { body } = await oneWebhook()
        const headers = harness.sign(body, { at: new Date(), genuine: false })
        expect(() => provider.readWebhook(body, headers)).toThrow(WebhookRefusedError)
      })

      it('are refused without a signature, or with nothing that is one', async () => {
        const { body, headers } = await oneWebhook()
        expect(() => provider.readWebhook(body, {})).toThrow(WebhookRefusedError)
        for (const signature of ['', 'x', ',', '=', 't=,v1=', `t=${Math.floor(Date.now() / 1000)}`]) {
          const nonsense = Object.fromEntries(Object.keys(headers).map((header) => [header, signature]))
          expect(() => provider.readWebhook(body, nonsense)).toThrow(WebhookRefusedError)
        }
      })

      it('are refused with the signature of another body', async () => {
        const [one, another] = [await oneWebhook(), await oneWebhook()]
        expect(() => provider.readWebhook(one.body, another.headers)).toThrow(WebhookRefusedError)
      })

      it('are refused with any byte altered, taken away or added', async () => {
        const { body, headers } = await oneWebhook()
        const refuses = (altered: Buffer) => {
          try {
            provider.readWebhook(altered, headers)
            return false
          } catch (error) {
            return error instanceof WebhookRefusedError
          }
        }
        expect(refuses(body)).toBe(false)
        const accepted: string[] = []
        for (let index = 0; index < body.length; index += 1) {
          // 0x80 makes invalid UTF-8 of most bytes, which a careless decoder turns into one and the same character.
          for (const bit of [0x01, 0x20, 0x80]) {
            const altered = Buffer.from(body)
            altered[index] = (body[index] ?? 0) ^ bit
            if (!refuses(altered)) accepted.push(`byte ${index} ^ ${bit}`)
          }
        }
        expect(accepted).toEqual([])
        expect(refuses(body.subarray(0, -1))).toBe(true)
        expect(refuses(body.subarray(1))).toBe(true)
        expect(refuses(Buffer.alloc(0))).toBe(true)
        for (const extra of ['\n', ' ', '\0', '\u{feff}']) {
          expect(refuses(Buffer.concat([body, Buffer.from(extra)]))).toBe(true)
          expect(refuses(Buffer.concat([Buffer.from(extra), body]))).toBe(true)
        }
      })

      it('are refused when they were signed an hour ago', async () => {
        const { body } = await oneWebhook()
        const headers = harness.sign(body, { at: new Date(Date.now() - 60 * MINUTE_MS), genuine: true })
        expect(() => provider.readWebhook(body, headers)).toThrow(WebhookRefusedError)
      })
    })

    describe('refunds', () => {
      it('send back all of it', async () => {
        const { refund, order } = await paid()
        const receipt = await provider.refund(refund(order.amount))
        expect(receipt.providerReference).toMatch(/\S/)
        expect(['pending', 'completed']).toContain(receipt.report.status)
        await harness.settleRefund(receipt)
        expect(await provider.findRefund(receipt)).toEqual({ status: 'completed' })
      })

      it('are one refund when sent again with the same id', async () => {
        const { refund } = await paid({ amount: 1_000 })
        const order = refund(600)
        const first = await provider.refund(order)
        expect((await provider.refund(order)).providerReference).toBe(first.providerReference)
        // Had it gone back twice, there would not be so much left.
        await provider.refund(refund(400))
        await expect(provider.refund(refund(1))).rejects.toThrow(ProviderRefusedError)
      })

      it('are one refund when sent twice at once', async () => {
        const { refund } = await paid({ amount: 1_000 })
        const order = refund(600)
        const [first, second] = await Promise.all([provider.refund(order), provider.refund(order)])
        expect(second.providerReference).toBe(first.providerReference)
        await provider.refund(refund(400))
      })

      it('are one refund when sent again after all was sent back', async () => {
        const { refund, order } = await paid()
        const whole = refund(order.amount)
        const first = await provider.refund(whole)
        await harness.settleRefund(first)
        expect(await provider.refund(whole)).toEqual({
          providerReference: first.providerReference,
          report: { status: 'completed' },
        })
      })

      it('may go back in parts, each with a reference of its own', async () => {
        const { refund } = await paid({ amount: 1_000 })
        const parts = [
          await provider.refund(refund(1)),
          await provider.refund(refund(499)),
          await provider.refund(refund(500)),
        ]
        expect(new Set(parts.map(({ providerReference }) => providerReference)).size).toBe(3)
        await expect(provider.refund(refund(1))).rejects.toThrow(ProviderRefusedError)
      })

      it('are refused above what was taken, and then nothing went back', async () => {
        const { refund } = await paid({ amount: 1_000 })
        await expect(provider.refund(refund(1_001))).rejects.toThrow(ProviderRefusedError)
        await provider.refund(refund(400))
        await expect(provider.refund(refund(601))).rejects.toThrow(ProviderRefusedError)
        await provider.refund(refund(600))
      })

      it('are refused for what was never paid', async () => {
        const { payment } = await begin()
        const order = { refundId: randomUUID(), amount: 1, currency: 'EUR' }
        await expect(provider.refund({ ...payment, ...order })).rejects.toThrow(ProviderRefusedError)
        const unknown = { paymentId: randomUUID(), providerReference: null }
        await expect(provider.refund({ ...unknown, ...order })).rejects.toThrow(ProviderRefusedError)
      })

      it('need no reference', async () => {
        const { refund } = await paid({ amount: 1_000 })
        const order = { ...refund(600), providerReference: null }
        const receipt = await provider.refund(order)
        expect((await provider.refund(order)).providerReference).toBe(receipt.providerReference)
        await expect(provider.refund(refund(401))).rejects.toThrow(ProviderRefusedError)
      })

      it('leave the payment completed, with all that was taken', async () => {
        const { refund, order, payment } = await paid()
        await provider.refund(refund(order.amount))
        expect(await provider.findPayment(payment)).toEqual({
          status: 'completed',
          captured: { amount: order.amount, currency: order.currency },
        })
      })

      it('are named by the webhooks about them', async () => {
        const { refund } = await paid()
        const order = refund(100)
        const receipt = await provider.refund(order)
        for (const event of eventsIn(await harness.settleRefund(receipt))) {
          expect(event).toEqual({
            kind: 'refund',
            eventId: aReason,
            refundId: order.refundId,
            providerReference: receipt.providerReference,
            report: { status: 'completed' },
          })
        }
      })
    })
  })
}
