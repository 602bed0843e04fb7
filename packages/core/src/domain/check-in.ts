import type { BookingStatus } from './booking-status.ts'

/** Results of a scan at a gate. Part of the public contract. */
export const CHECK_IN_RESULTS = ['admitted', 'already_used', 'void', 'forged', 'wrong_event', 'too_early'] as const
export type CheckInResult = (typeof CHECK_IN_RESULTS)[number]

/** Facts about a scanned ticket whose token was genuine. Times in ms since the epoch. */
export interface ScannedTicket {
  readonly resourceId: string
  readonly status: 'issued' | 'checked_in' | 'void'
  readonly bookingStatus: BookingStatus
  readonly startsAtMs: number
  /** Time before the start from which tickets are admitted. */
  readonly opensMs: number
}

/** Time within which a scanner without a name of its own repeats a scan whose answer was lost. */
export const RETRY_WITHIN_MS = 10_000

/** Time of a scan, in ms since the epoch, and its scanner. */
export interface MadeScan {
  readonly scannedAtMs: number
  /** Subject of the scanning person's token. */
  readonly actor: string
}

export interface RepeatedScan extends MadeScan {
  /** `true` if the scanner says which device it is, instead of leaving it to its gate. */
  readonly namesDevice: boolean
  /** `true` if it was made offline, and uploaded later. */
  readonly offline: boolean
}

/**
 * Returns whether a scan with the ticket, device and nonce of an earlier one is that scan, sent again. A device that has
 * a name counts for itself, so its scans are known at any time. Two scanners that share the name of their gate may use
 * the same numbers as nonces: theirs are the same only as a retry would be, which comes within seconds from the same
 * person, or, uploaded later, has the very time of the first.
 */
export function isSameScan(earlier: MadeScan, again: RepeatedScan): boolean {
  if (again.namesDevice) return true
  const apartMs = Math.abs(again.scannedAtMs - earlier.scannedAtMs)
  return again.offline ? apartMs === 0 : apartMs <= RETRY_WITHIN_MS && again.actor === earlier.actor
}

/**
 * Decides a scan made at `scannedAtMs`. The first that applies counts: another event's ticket, a ticket that is void or
 * was never paid, one that was used, one that is too early.
 *
 * @param expectedResourceId what is on behind this gate; `null` where the scanner does not say.
 */
export function decideCheckIn(
  ticket: ScannedTicket,
  expectedResourceId: string | null,
  scannedAtMs: number,
): Exclude<CheckInResult, 'forged'> {
  if (expectedResourceId !== null && ticket.resourceId !== expectedResourceId) return 'wrong_event'
  if (ticket.status === 'void') return 'void'
  if (ticket.status === 'checked_in') return 'already_used'
  // A booking is completed as soon as one of its tickets was used: the others may be scans that come in later.
  if (ticket.bookingStatus !== 'confirmed' && ticket.bookingStatus !== 'completed') return 'void'
  if (scannedAtMs < ticket.startsAtMs - ticket.opensMs) return 'too_early'
  return 'admitted'
}
