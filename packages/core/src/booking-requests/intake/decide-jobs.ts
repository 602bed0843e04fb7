import { laneFor } from '../../domain/lane.ts'
import { type DecideJob, PAYLOAD_VERSION, type Stretch } from '../../queue/payloads.ts'
import type { StoredRequest } from '../request-view.ts'

/** Returns the jobs that notify of the requests of one write, by lane. `nameOf` names a showtime or event for operators. */
export function decideJobs(
  requests: readonly StoredRequest[],
  lanes: number,
  nameOf: (resourceId: string) => string,
): ReadonlyMap<number, DecideJob> {
  const byLane = Map.groupBy(requests, ({ view }) => laneFor(view.resource.id, lanes))
  return new Map([...byLane].map(([lane, own]) => [lane, decideJob(own, nameOf)]))
}

function decideJob(requests: readonly StoredRequest[], nameOf: (resourceId: string) => string): DecideJob {
  const stretches = new Map<string, Stretch>()
  for (const { view } of requests) {
    const { id } = view.resource
    const { from, to, name } = stretches.get(id) ?? { from: view.seq, to: view.seq, name: nameOf(id) }
    stretches.set(id, { id, name, from: Math.min(from, view.seq), to: Math.max(to, view.seq) })
  }
  return { v: PAYLOAD_VERSION, lines: [...stretches.values()], requestIds: requests.map(({ view }) => view.id) }
}
