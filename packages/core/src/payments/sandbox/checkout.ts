import type { Minor } from '../../domain/money/money.ts'
import type { PaymentReport } from '../provider.ts'

export type CheckoutStatus = 'open' | 'processing' | 'completed' | 'failed' | 'cancelled'

/** A page to pay on, as the sandbox's books have it. */
export interface SandboxCheckout {
  /** `sbx_…`: unguessable, for whoever knows it may act as the buyer. */
  readonly id: string
  readonly paymentId: string
  readonly bookingReference: string
  readonly description: string
  readonly amount: Minor
  readonly currency: string
  readonly returnUrl: string | null
  readonly status: CheckoutStatus
  /** Time at which a payment that is being processed completes by itself. */
  readonly completesAt: Date | null
  /** Amount taken, 0 for nothing; not the amount asked for if a wrong amount was played. */
  readonly captured: Minor
  /** `null` until something was tried: a card that was declined took 0 of its currency. */
  readonly capturedCurrency: string | null
}

export const FAILED = 'The payment failed.'
export const DECLINED = 'The card was declined.'
const CANCELLED = 'The page was closed before anything was paid.'

/** Returns a payment as the sandbox records it. */
export function reportOf({ status, captured, capturedCurrency, currency }: SandboxCheckout): PaymentReport {
  switch (status) {
    case 'open':
      return capturedCurrency === null ? { status } : { status: 'declined', reason: DECLINED }
    case 'processing':
      return { status }
    case 'failed':
      return { status, reason: FAILED }
    case 'cancelled':
      return { status: 'failed', reason: CANCELLED }
    case 'completed':
      return { status, captured: { amount: captured, currency: capturedCurrency ?? currency } }
  }
}
