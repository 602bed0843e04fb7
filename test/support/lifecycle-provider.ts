import { randomUUID } from 'node:crypto'
import {
  type CheckoutOrder,
  type PaymentEvent,
  type PaymentProvider,
  type PaymentReport,
  type ProviderEvent,
  ProviderUnavailableError,
  type RefundOrder,
  type RefundReport,
  WebhookRefusedError,
} from '@boxoffice/core/payments/provider.ts'

const NAME = 'fake'
const SIGNATURE = 'fake-signature'

type Method = 'createCheckout' | 'findPayment' | 'cancelCheckout' | 'refund' | 'findRefund'

interface Page {
  readonly order: CheckoutOrder
  report: PaymentReport
  closed: boolean
}

interface SentBack {
  readonly order: RefundOrder
  report: RefundReport
}

/** A provider with books of its own. A test can hold each of its calls, make it fail, or lose its answer. */
export interface FakeProvider extends PaymentProvider {
  /** The pages, by payment. */
  readonly pages: ReadonlyMap<string, Page>
  /** The refunds by their ids: a refund that is sent again is still one. */
  readonly refunds: ReadonlyMap<string, SentBack>
  /** Every call so far, with the id that it was about. */
  readonly calls: readonly { readonly method: Method; readonly id: string }[]
  /** Sets the answer to refunds from now on; it is `completed` at first. */
  answerRefunds(report: RefundReport): void
  /**
   * Makes the next call fail: `unsent` before it does anything; `unanswered` after its work, by default with a timeout.
   */
  failNext(method: Method, how: 'unsent' | 'unanswered', error?: Error): void
  /** Makes the next call hang before it does anything. */
  holdNext(method: Method): { readonly reached: Promise<void>; release(): void }
  /** Pays on the page as the buyer; returns the report of it. */
  pay(paymentId: string): PaymentEvent
  /** Lets something else happen to the payment; returns the report of it. */
  report(paymentId: string, report: PaymentReport): PaymentEvent
}

interface Twist {
  readonly method: Method
  readonly before?: () => Promise<void>
  readonly after?: () => void
}

export function openFakeProvider(): FakeProvider {
  const pages = new Map<string, Page>()
  const refunds = new Map<string, SentBack>()
  const calls: { method: Method; id: string }[] = []
  const twists: Twist[] = []
  let refundReport: RefundReport = { status: 'completed' }

  const call = async <T>(method: Method, id: string, work: () => T): Promise<T> => {
    calls.push({ method, id })
    const at = twists.findIndex((twist) => twist.method === method)
    const [twist] = at === -1 ? [] : twists.splice(at, 1)
    await twist?.before?.()
    const answer = work()
    twist?.after?.()
    return answer
  }
  const pageOf = (paymentId: string): Page => {
    const page = pages.get(paymentId)
    if (page === undefined) throw new Error(`payment ${paymentId} has no page`)
    return page
  }
  const report = (paymentId: string, next: PaymentReport) => {
    pageOf(paymentId).report = next
    return paymentEvent(paymentId, next)
  }

  return {
    name: NAME,
    processingWindowMs: 3_600_000,
    pages,
    refunds,
    calls,
    createCheckout: (order) =>
      call('createCheckout', order.paymentId, () => {
        if (!pages.has(order.paymentId)) {
          pages.set(order.paymentId, { order, report: { status: 'open' }, closed: false })
        }
        return {
          providerReference: referenceOf(order.paymentId),
          checkoutUrl: `https://pay.example.org/${order.paymentId}`,
        }
      }),
    findPayment: ({ paymentId }) =>
      call('findPayment', paymentId, () => {
        const page = pages.get(paymentId)
        if (page === undefined) return null
        return page.closed && page.report.status === 'open' ? { status: 'failed', reason: 'closed' } : page.report
      }),
    cancelCheckout: ({ paymentId }) =>
      call('cancelCheckout', paymentId, () => {
        const page = pages.get(paymentId)
        if (page !== undefined) page.closed = true
      }),
    refund: (order) =>
      call('refund', order.refundId, () => {
        const sent = refunds.get(order.refundId) ?? { order, report: refundReport }
        refunds.set(order.refundId, sent)
        return { providerReference: `fake_refund_${order.refundId}`, report: sent.report }
      }),
    findRefund: ({ providerReference }) =>
      call('findRefund', providerReference, () => {
        const sent = refunds.get(providerReference.replace('fake_refund_', ''))
        if (sent === undefined) throw new Error(`there is no refund ${providerReference}`)
        return sent.report
      }),
    readWebhook: (rawBody, headers) => {
      if (headers[SIGNATURE] !== NAME) throw new WebhookRefusedError('The signature does not fit.')
      const event: ProviderEvent = JSON.parse(rawBody.toString('utf8'))
      return event
    },
    answerRefunds: (next) => {
      refundReport = next
    },
    failNext: (method, how, error = new ProviderUnavailableError('no answer')) => {
      const fail = () => {
        throw error
      }
      twists.push(how === 'unsent' ? { method, before: () => Promise.reject(error) } : { method, after: fail })
    },
    holdNext: (method) => {
      const reached = Promise.withResolvers<void>()
      const released = Promise.withResolvers<void>()
      const before = () => {
        reached.resolve()
        return released.promise
      }
      twists.push({ method, before })
      return { reached: reached.promise, release: released.resolve }
    },
    pay: (paymentId) => {
      const { order, closed } = pageOf(paymentId)
      if (closed) throw new Error(`the page of payment ${paymentId} is closed`)
      const { amount, currency } = order
      return report(paymentId, { status: 'completed', captured: { amount, currency } })
    },
    report,
  }
}

/** Creates a report of a payment, as the provider would send it; each call makes another event. */
export function paymentEvent(paymentId: string, report: PaymentReport): PaymentEvent {
  return {
    kind: 'payment',
    eventId: `event-${randomUUID()}`,
    paymentId,
    providerReference: referenceOf(paymentId),
    report,
  }
}

/** Returns a signed webhook with this report. */
export function signedWebhook(event: ProviderEvent) {
  return { rawBody: Buffer.from(JSON.stringify(event)), headers: { [SIGNATURE]: NAME } }
}

const referenceOf = (paymentId: string) => `fake_${paymentId}`
