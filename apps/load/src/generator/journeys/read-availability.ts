import { countOther } from '../answers.ts'
import type { Journey as Plan } from '../plan.ts'
import { pick, type Random } from '../random.ts'
import { type Journey, headersOf, send, type JourneyContext } from '../journey-context.ts'

/**
 * Reads what is left, with the entity tag of what was seen last. Unless each customer has tags of their own, the tag is one
 * for everybody who reads a resource, as behind a cache of a shop: an answer is 304 unless something has changed since
 * anybody looked.
 */
export function readAvailability(
  plan: Extract<Plan, { kind: 'read-availability' }>,
  context: JourneyContext,
  random: Random,
): Journey {
  const paths = availabilityPaths(plan)
  const tags = new Map<string, string>()
  return async (visit) => {
    const path = pick(random, paths)
    const key = plan.ownTags === true ? `${visit.customer.index} ${path}` : path
    const tag = tags.get(key)
    const { authorization: _, ...headers } = headersOf(visit)
    const answer = await send(context, visit, {
      method: 'GET',
      path,
      headers: { ...headers, ...(tag !== undefined && { 'if-none-match': tag }) },
    })
    if (answer === null) return
    if (answer.status !== 200 && answer.status !== 304) {
      countOther(visit.tally, answer, `GET ${path}`)
      return
    }
    visit.tally.read(context.now() - visit.intendedMs)
    if (answer.etag !== null) tags.set(key, answer.etag)
  }
}

/** Returns the paths of everything that is on sale. */
const availabilityPaths = ({
  tickets,
  seats,
}: Pick<Extract<Plan, { kind: 'read-availability' }>, 'tickets' | 'seats'>): string[] => [
  ...new Set(tickets.map(({ eventId }) => `/v1/events/${eventId}/availability`)),
  ...seats.map(({ showtimeId }) => `/v1/showtimes/${showtimeId}/availability`),
]
