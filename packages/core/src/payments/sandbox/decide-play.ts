import { minor } from '../../domain/money/money.ts'
import type { Captured } from '../provider.ts'
import { DECLINED, FAILED, type CheckoutStatus, type SandboxCheckout } from './checkout.ts'
import type { PlayName, SandboxPlay } from './plays.ts'
import type { SandboxReport } from './webhook-body.ts'

export interface PlayedCheckout {
  readonly status: CheckoutStatus
  /** 0 for a card that was declined, `null` where nothing was tried or nothing is known yet. */
  readonly captured: Captured | null
  /** For `processing`: it goes through by itself after this long. */
  readonly completesInMs: number | null
}

/** A webhook to send after `afterMs`, as often as `copies` says, under one event id. */
export interface OutgoingReport {
  readonly report: SandboxReport
  readonly afterMs: number
  readonly copies: 1 | 2
}

export type PlayDecision =
  | { readonly kind: 'played'; readonly checkout: PlayedCheckout; readonly outgoing: readonly OutgoingReport[] }
  | { readonly kind: 'refused'; readonly reason: string }

/** A report that comes out of order comes this much too late, so that it really is the second to arrive. */
const OUT_OF_ORDER_MS = 2_000

const FROM_OPEN: readonly PlayName[] = [
  'approve',
  'approve_later',
  'decline',
  'fail',
  'approve_twice',
  'approve_out_of_order',
  'approve_silently',
  'approve_wrong_amount',
  'approve_wrong_currency',
]

const PLAYABLE: Readonly<Record<CheckoutStatus, readonly PlayName[]>> = {
  open: FROM_OPEN,
  processing: ['approve', 'fail'],
  cancelled: ['approve_cancelled'],
  completed: [],
  failed: [],
}

const WHY_NOT: Readonly<Record<CheckoutStatus, string>> = {
  open: 'This is for a page that was closed.',
  processing: 'The payment is being processed: it can be completed or fail, and nothing else.',
  cancelled: 'The page was closed before anything was paid. All it can do is take the money nevertheless.',
  completed: 'This was paid already.',
  failed: 'The payment failed for good.',
}

/** Returns the plays that are possible on a checkout of this status. */
export const playableOn = (status: CheckoutStatus): readonly PlayName[] => PLAYABLE[status]

/** Returns what a play makes of a checkout, and the payment reports that it sends. */
export function decidePlay(checkout: SandboxCheckout, play: SandboxPlay): PlayDecision {
  if (!playableOn(checkout.status).includes(play.action)) return { kind: 'refused', reason: WHY_NOT[checkout.status] }
  const asked: Captured = { amount: checkout.amount, currency: checkout.currency }
  switch (play.action) {
    case 'approve':
      return paid(asked, [now(completed(asked))])
    case 'approve_twice':
      return paid(asked, [{ ...now(completed(asked)), copies: 2 }])
    case 'approve_out_of_order':
      return paid(asked, [now(completed(asked)), { ...now(PROCESSING), afterMs: OUT_OF_ORDER_MS }])
    case 'approve_silently':
      return paid(asked, [])
    case 'approve_cancelled':
      return paid(asked, [now({ ...completed(asked), afterCancellation: true })])
    case 'approve_wrong_amount': {
      const wrong = { ...asked, amount: wrongAmount(asked.amount) }
      return paid(wrong, [now(completed(wrong))])
    }
    case 'approve_wrong_currency': {
      const wrong = { ...asked, currency: asked.currency === 'USD' ? 'EUR' : 'USD' }
      return paid(wrong, [now(completed(wrong))])
    }
    case 'approve_later':
      return played({ status: 'processing', captured: null, completesInMs: play.delayS * 1_000 }, [now(PROCESSING)])
    case 'decline':
      return played({ status: 'open', captured: { ...asked, amount: 0 }, completesInMs: null }, [
        now({ type: 'payment.declined', reason: DECLINED }),
      ])
    case 'fail':
      return played({ status: 'failed', captured: null, completesInMs: null }, [
        now({ type: 'payment.failed', reason: FAILED }),
      ])
  }
}

const PROCESSING = { type: 'payment.processing' } as const

const completed = (taken: Captured) => ({ type: 'payment.completed', captured: taken }) as const

const now = (report: SandboxReport): OutgoingReport => ({ report, afterMs: 0, copies: 1 })

const played = (checkout: PlayedCheckout, outgoing: readonly OutgoingReport[]): PlayDecision => ({
  kind: 'played',
  checkout,
  outgoing,
})

const paid = (captured: Captured, outgoing: readonly OutgoingReport[]): PlayDecision =>
  played({ status: 'completed', captured, completesInMs: null }, outgoing)

/** Returns one minor unit less; one more, if less would be nothing at all. */
const wrongAmount = (amount: number) => minor(amount > 1 ? amount - 1 : amount + 1)
