/** Limits on the number of mails. */
export interface MailBudgets {
  /**
   * Mails an hour to one address about bookings that cost nothing; links to bookings have a budget of their own. Mails about
   * paid bookings have `PAID_BUDGET_FACTOR` times as many.
   */
  readonly perRecipientAnHour: number
  /** Mails a minute about one showtime or event. */
  readonly perLineAMinute: number
}

/**
 * Factor for mail about paid bookings: a buyer who pays again and again means it, so their tickets do not wait. There
 * is a limit all the same: a seller can confirm bookings by hand, for addresses that never asked.
 */
export const PAID_BUDGET_FACTOR = 10

/** The most mails about bookings that cost nothing that wait for one address. */
export const MAX_POSTPONED = 100

const HOUR_MS = 3_600_000

/** Other mail to the address of a mail that is due. */
export interface RecipientLoad {
  /** Time until the hour has room for one more; ms. `null` if it has room now. */
  readonly fullForMs: number | null
  /** Mails that wait for room already. Counting may stop somewhere above `MAX_POSTPONED`. */
  readonly postponed: number
  /** `true` if the mail's booking costs nothing. */
  readonly free: boolean
}

export type MailTurn =
  | { readonly act: 'send' }
  | { readonly act: 'postpone'; readonly forMs: number }
  /** Too many wait already. */
  | { readonly act: 'drop' }

/**
 * Decides whether a mail may go to its address now. Who has bought gets every mail in the end: those over the budget wait
 * their turn, in the order in which they came, each postponed once to the hour that has room for it. Bookings that cost
 * nothing anybody can make in a stranger's name, so of their mails only `MAX_POSTPONED` wait, and more are dropped.
 *
 * @param perHour mails about bookings that cost nothing which an hour has room for.
 */
export function judgeMail({ fullForMs, postponed, free }: RecipientLoad, perHour: number): MailTurn {
  if (fullForMs === null) return { act: 'send' }
  if (free && postponed >= MAX_POSTPONED) return { act: 'drop' }
  const room = free ? perHour : perHour * PAID_BUDGET_FACTOR
  return { act: 'postpone', forMs: fullForMs + Math.floor(postponed / room) * HOUR_MS }
}

/**
 * Returns whether the buyer is notified of a cancellation. If the buyer cancelled a free booking that no mail has told of,
 * both mails are needless. Refunds of paid bookings and cancellations by others are always reported.
 */
export function tellsOfCancellation(
  { total, cancelReason }: { readonly total: number; readonly cancelReason: string | null },
  toldBefore: boolean,
): boolean {
  return toldBefore || total > 0 || cancelReason !== 'customer'
}
