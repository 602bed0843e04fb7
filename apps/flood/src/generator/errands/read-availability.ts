import { countOther } from '../answers.ts'
import type { Errand as Plan } from '../plan.ts'
import { pick, type Random } from '../random.ts'
import { type Errand, headersOf, send, type World } from '../world.ts'

/**
 * Reads what is left, with the entity tag of what was seen last. The tag is one for everybody who reads a resource, as
 * behind a cache of a shop: an answer is 304 unless something has changed since anybody looked.
 */
export function readAvailability(
  plan: Extract<Plan, { kind: 'read-availability' }>,
  world: World,
  random: Random,
): Errand {
  const paths = availabilityPaths(plan)
  const tags = new Map<string, string>()
  return async (visit) => {
    const path = pick(random, paths)
    const tag = tags.get(path)
    const { authorization: _, ...headers } = headersOf(visit)
    const answer = await send(world, visit, {
      method: 'GET',
      path,
      headers: { ...headers, ...(tag !== undefined && { 'if-none-match': tag }) },
    })
    if (answer === null) return
    if (answer.status !== 200 && answer.status !== 304) {
      countOther(visit.tally, answer, `GET ${path}`)
      return
    }
    visit.tally.read(world.now() - visit.intendedMs)
    if (answer.etag !== null) tags.set(path, answer.etag)
  }
}

/** Of everything that is on sale. */
const availabilityPaths = ({
  tickets,
  seats,
}: Pick<Extract<Plan, { kind: 'read-availability' }>, 'tickets' | 'seats'>): string[] => [
  ...new Set(tickets.map(({ eventId }) => `/v1/events/${eventId}/availability`)),
  ...seats.map(({ showtimeId }) => `/v1/showtimes/${showtimeId}/availability`),
]
