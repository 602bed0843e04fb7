/**
 * The only place that knows which status follows which. Changing to the status a thing already has is not a transition:
 * providers repeat their events, and callers treat that as already done.
 */

export const BOOKING_STATUSES = ['pending', 'confirmed', 'completed', 'cancelled', 'no_show'] as const
export type BookingStatus = (typeof BOOKING_STATUSES)[number]

export const PAYMENT_STATUSES = [
  'pending',
  'processing',
  'completed',
  'failed',
  'partially_refunded',
  'refunded',
] as const
export type PaymentStatus = (typeof PAYMENT_STATUSES)[number]

/** For each status, those it may change to; none for a terminal one. */
export type Transitions<Status extends string> = Readonly<Record<Status, readonly Status[]>>

export const BOOKING_TRANSITIONS: Transitions<BookingStatus> = {
  pending: ['confirmed', 'cancelled'],
  confirmed: ['completed', 'cancelled', 'no_show'],
  completed: [],
  cancelled: [],
  no_show: [],
}

/**
 * A provider may skip `processing`. A declined card that the buyer may retry is not `failed`. `failed` is what we believed
 * when we stopped waiting: the provider's word that money was taken outranks it, in whatever order the reports come.
 */
export const PAYMENT_TRANSITIONS: Transitions<PaymentStatus> = {
  pending: ['processing', 'completed', 'failed'],
  processing: ['completed', 'failed'],
  completed: ['partially_refunded', 'refunded'],
  failed: ['completed'],
  partially_refunded: ['refunded'],
  refunded: [],
}

/** Returns the statuses that `from` may change to, in the table's order. */
export function allowedTransitions<Status extends string>(
  transitions: Transitions<Status>,
  from: NoInfer<Status>,
): readonly Status[] {
  return transitions[from]
}

/** Returns whether `from` may change to `to`; a status never changes to itself. */
export function canTransition<Status extends string>(
  transitions: Transitions<Status>,
  from: NoInfer<Status>,
  to: NoInfer<Status>,
): boolean {
  return transitions[from].includes(to)
}

/** Guards a write: throws an Error, for it is a bug, unless `from` may change to `to` or is the same. */
export function assertTransition<Status extends string>(
  transitions: Transitions<Status>,
  from: NoInfer<Status>,
  to: NoInfer<Status>,
): void {
  if (from !== to && !canTransition(transitions, from, to)) throw new Error(`${from} must not become ${to}`)
}

/** Returns whether nothing follows this status. */
export function isTerminal<Status extends string>(transitions: Transitions<Status>, status: NoInfer<Status>): boolean {
  return transitions[status].length === 0
}
