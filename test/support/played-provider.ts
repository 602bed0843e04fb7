import { randomUUID } from 'node:crypto'
import {
  type Checkout,
  type CheckoutOrder,
  type PaymentEvent,
  type PaymentProvider,
  type PaymentReport,
  ProviderRefusedError,
  ProviderUnavailableError,
  type RefundOrder,
  type RefundReceipt,
} from '@boxoffice/core/payments/provider.ts'

interface PageAtProvider {
  readonly order: CheckoutOrder
  readonly reference: string
  status: 'open' | 'processing' | 'completed' | 'failed' | 'cancelled'
  captured: { readonly amount: number; readonly currency: string } | null
}

/** An action of a buyer, or of the bank, on a page. */
export type BuyerAction = 'process' | 'decline' | 'fail' | 'approve' | 'approve_wrong_amount' | 'approve_closed'

/**
 * A payment provider whose buyers and failures a test plays. Its books are the truth about money: what it took and what
 * it gave back. Reports wait in a mailbox until the test delivers them, in whatever order and as often as it likes.
 */
export class PlayedProvider implements PaymentProvider {
  readonly name = 'played'
  processingWindowMs = 3_600_000
  readonly pages = new Map<string, PageAtProvider>()
  readonly refunds = new Map<string, RefundOrder>()
  readonly mailbox: PaymentEvent[] = []
  /** The failures of the next calls: before anything was done, or after it was done, with the answer lost. */
  readonly failures: ('before' | 'after')[] = []

  async createCheckout(order: CheckoutOrder): Promise<Checkout> {
    return this.#answer(() => {
      const known = this.pages.get(order.paymentId)
      const page = known ?? { order, reference: `page_${order.paymentId}`, status: 'open' as const, captured: null }
      this.pages.set(order.paymentId, page)
      return { providerReference: page.reference, checkoutUrl: `https://pay.example/${page.reference}` }
    })
  }

  async findPayment({ paymentId }: { readonly paymentId: string }): Promise<PaymentReport | null> {
    return this.#answer(() => {
      const page = this.pages.get(paymentId)
      return page === undefined ? null : reportOf(page)
    })
  }

  async cancelCheckout({ paymentId }: { readonly paymentId: string }): Promise<void> {
    return this.#answer(() => {
      const page = this.pages.get(paymentId)
      if (page?.status === 'open') page.status = 'cancelled'
    })
  }

  async refund(order: RefundOrder): Promise<RefundReceipt> {
    return this.#answer(() => {
      const page = this.pages.get(order.paymentId)
      const receipt = { providerReference: `refund_${order.refundId}`, report: { status: 'completed' as const } }
      if (this.refunds.has(order.refundId)) return receipt
      if (page?.captured == null || order.currency !== page.captured.currency)
        throw new ProviderRefusedError('not paid')
      if (this.returnedOf(order.paymentId) + order.amount > page.captured.amount) {
        throw new ProviderRefusedError('more than was paid')
      }
      this.refunds.set(order.refundId, order)
      return receipt
    })
  }

  async findRefund(): Promise<{ readonly status: 'completed' }> {
    return this.#answer(() => ({ status: 'completed' }) as const)
  }

  readWebhook(rawBody: Buffer): PaymentEvent {
    return JSON.parse(rawBody.toString('utf8')) as PaymentEvent
  }

  /** Returns the minor units refunded of a payment. */
  returnedOf(paymentId: string): number {
    return [...this.refunds.values()]
      .filter((refund) => refund.paymentId === paymentId)
      .reduce((sum, { amount }) => sum + amount, 0)
  }

  /** Plays the buyer on the page, if it allows the action; the report of it goes into the mailbox. */
  play(paymentId: string, action: BuyerAction): void {
    const page = this.pages.get(paymentId)
    if (page === undefined) return
    const live = page.status === 'open' || page.status === 'processing'
    if (action === 'approve_closed' ? page.status !== 'cancelled' : !live) return
    const { amount, currency } = page.order
    switch (action) {
      case 'process':
        page.status = 'processing'
        break
      case 'decline':
        this.#tell(page, { status: 'declined', reason: 'no money' })
        return
      case 'fail':
        page.status = 'failed'
        break
      case 'approve':
      case 'approve_closed':
        page.status = 'completed'
        page.captured = { amount, currency }
        break
      case 'approve_wrong_amount':
        page.status = 'completed'
        page.captured = { amount: amount - 1, currency }
        break
    }
    this.#tell(page, reportOf(page))
  }

  #tell({ order, reference }: PageAtProvider, report: PaymentReport): void {
    const eventId = `event_${randomUUID()}`
    this.mailbox.push({ kind: 'payment', eventId, paymentId: order.paymentId, providerReference: reference, report })
  }

  async #answer<T>(work: () => T): Promise<T> {
    const failure = this.failures.shift()
    if (failure === 'before') throw new ProviderUnavailableError('the provider is away')
    const answer = work()
    if (failure === 'after') throw new ProviderUnavailableError('the answer was lost')
    return answer
  }
}

function reportOf({ status, captured }: PageAtProvider): PaymentReport {
  switch (status) {
    case 'open':
    case 'processing':
      return { status }
    case 'failed':
    case 'cancelled':
      return { status: 'failed', reason: status }
    case 'completed':
      return { status, captured: captured ?? { amount: 0, currency: 'EUR' } }
  }
}
