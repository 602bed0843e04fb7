import type { BookingRequest } from '../booking-request.ts'
import { type Refusal, REFUSALS } from './refusal.ts'
import type { ResourceSnapshot } from '../snapshot.ts'

/** Time after a change of inventory in which refusals say something new; ms. */
export const NEWS_FOR_MS = 60_000

/**
 * Returns whether a refusal says something new, and so gets an audit row and an outgoing event besides its own request,
 * which keeps it in any case. Anybody can be refused for nothing and as often as they like: what the catalogue or the
 * request itself decides says nothing new, nor does a place that was taken long ago. Recorded are:
 *
 * 1. `internal_error`: something is wrong on our side
 * 2. whatever an active webhook endpoint asks for by name
 * 3. refusals by competition, where inventory changed in the minute before the request was accepted, or later
 *
 * @param resource as read for the batch; `undefined` where there is none, or it could not be read.
 * @param changedInBatch an earlier request of the batch took places of the resource.
 */
export function isNews(
  { code }: Pick<Refusal, 'code'>,
  { acceptedAt }: Pick<BookingRequest, 'acceptedAt'>,
  resource: Pick<ResourceSnapshot, 'changedAt' | 'announcesRefusals'> | undefined,
  changedInBatch: boolean,
): boolean {
  if (code === 'internal_error') return true
  if (resource === undefined) return false
  if (resource.announcesRefusals) return true
  if (!REFUSALS[code].isByCompetition) return false
  return changedInBatch || (resource.changedAt !== null && resource.changedAt >= acceptedAt - NEWS_FOR_MS)
}
