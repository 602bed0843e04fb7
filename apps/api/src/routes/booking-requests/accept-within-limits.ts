/**
 * Putting a request into the line, within the limits of what may be held unpaid.
 *
 * Keeps: places are reserved before the request is accepted, so that any number of requests at once hold no more than the
 * limit; and what a request holds is known to the limits until it ends, whether or not its client waits.
 */
import type { Request } from 'express'
import { placesOf } from '@boxoffice/core/domain/places.ts'
import type { OutcomesToCome } from '@boxoffice/core/limits/awaited-outcomes.ts'
import { type HoldLimits, type Reservation, UNCOUNTED } from '@boxoffice/core/limits/hold-limits.ts'
import type { UndecidedPlaces } from '@boxoffice/core/limits/undecided-places.ts'
import type { Submission } from '@boxoffice/core/domain/booking-request.ts'
import type { BookingLine } from '@boxoffice/core/booking-requests/booking-line.ts'
import { isProblem } from '@boxoffice/core/use-case/problem.ts'
import type { Caller } from '@boxoffice/core/access/tokens.ts'
import type { Admission } from '../../admission/admission.ts'
import { clientNetworks } from '../../admission/client-address.ts'

export interface AcceptDependencies {
  readonly line: BookingLine
  readonly limits: {
    readonly holds: HoldLimits
    /** Reports to the limits how booking requests end. */
    readonly outcomes: OutcomesToCome
    /** Places that one seller may have waiting; `null` if nothing is limited. */
    readonly undecidedPlaces: UndecidedPlaces | null
  }
}

/** The sender of a booking request. */
export interface Sender {
  readonly request: Request
  /** The seller that the places in line count for; `null` for customers. */
  readonly seller: string | null
  readonly noteRefusal: ReturnType<Admission['refusalNoter']>
}

type Accepted = Awaited<ReturnType<BookingLine['accept']>>

/**
 * Returns the key that a seller's places in line are counted under: all people and API keys of an organizer together, for
 * it may make as many as it likes. An admin counts alone.
 */
export const sellerOf = ({ organizerId, subject }: Caller): string =>
  organizerId === null ? `subject:${subject}` : `organizer:${organizerId}`

/** Accepts the request. Throws what `BookingLine.accept`, the hold limits, and the limit of undecided places throw. */
export async function acceptWithinLimits(
  deps: AcceptDependencies,
  sender: Sender,
  submission: Submission,
): Promise<Accepted> {
  const reservation = await reserve(deps, sender, submission)
  try {
    const accepted = await deps.line.accept(submission)
    countAccepted(deps, sender, reservation, accepted)
    return accepted
  } catch (error) {
    // What is on its way may still be written, and then it holds: the reservation ends by itself.
    if (!isProblem(error, 'unavailable')) reservation.failed()
    throw error
  }
}

/** Reserves the places. Customers hold unpaid; a seller holds for all its customers, and is bounded by what may wait. */
async function reserve(
  { line, limits }: AcceptDependencies,
  { request, seller }: Sender,
  submission: Submission,
): Promise<Reservation> {
  const places = placesOf(submission.payload)
  try {
    if (seller !== null) return limits.undecidedPlaces?.reserve(seller, places) ?? UNCOUNTED
    const organizerOf = () => line.organizerOf(submission.resourceId)
    return await limits.holds.reserve({ ...submission, networks: clientNetworks(request), places, organizerOf })
  } catch (error) {
    const isTooMuch = isProblem(error, 'too_many_holds', 'too_many_requests')
    // A repetition asks for nothing new, however much is held by now: whoever lost the first answer gets it.
    if (isTooMuch && (await line.isKnown(submission))) return UNCOUNTED
    throw error
  }
}

/** Tells the limits what became of the reservation, now and when the request ends. */
function countAccepted(
  { limits }: AcceptDependencies,
  { seller, noteRefusal }: Sender,
  reservation: Reservation,
  accepted: Accepted,
): void {
  const { view, replayed } = accepted
  // Of a seller's repeated request the process that accepted it first counts the places in line, and the outcome.
  if (replayed && seller !== null) reservation.failed()
  else reservation.became(view)
  if (view.state !== 'queued') return
  limits.outcomes.await(accepted, (now) => {
    reservation.became(now)
    // Counted once, by the process that accepted it first.
    if (now.refusal !== null && !replayed) noteRefusal(now.refusal)
  })
}
