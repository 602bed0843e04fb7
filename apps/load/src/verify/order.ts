/**
 * Finds out whether first come was first decided (I8), from the clients' own clock and the places that requests got.
 *
 * Where one client knew that its request was accepted before another client sent its own, the first must be before the
 * second in line. Requests that were on their way at the same time may be in either order, and so may those of the same
 * moment: the clock is not finer than that.
 */

/** A request as its client saw it, and the place that it got. */
export interface Placed {
  readonly requestId: string
  /** Requests are compared within one resource. */
  readonly resourceId: string
  /** Its place in line. */
  readonly seq: number
  /** Milliseconds of the clients' clock. */
  readonly sentMs: number
  /** The time at which its client knew that it was accepted; `null` where it never did. */
  readonly knownMs: number | null
}

/** `later` was sent when `earlier` was known to be accepted, and yet it is before it in line. */
export interface OrderViolation {
  readonly earlier: Placed
  readonly later: Placed
}

/**
 * Finds every request that came before one which should have been first, each with the one that it overtook by the most
 * places. Takes O(n log n).
 */
export function findOrderViolations(requests: readonly Placed[]): OrderViolation[] {
  return [...byResource(requests).values()].flatMap(findInOneLine)
}

/** Sweeps over time: what is sent is compared with the last place that was known by then. */
function findInOneLine(requests: readonly Placed[]): OrderViolation[] {
  const sent = requests.toSorted((a, b) => a.sentMs - b.sentMs)
  const known = requests.flatMap((placed) => (placed.knownMs === null ? [] : [{ placed, atMs: placed.knownMs }]))
  known.sort((a, b) => a.atMs - b.atMs)
  const violations: OrderViolation[] = []
  let last: Placed | null = null
  let next = 0
  for (const later of sent) {
    for (let one = known[next]; one !== undefined && one.atMs < later.sentMs; one = known[++next]) {
      if (last === null || one.placed.seq > last.seq) last = one.placed
    }
    if (last !== null && last.seq > later.seq) violations.push({ earlier: last, later })
  }
  return violations
}

function byResource(requests: readonly Placed[]): Map<string, Placed[]> {
  const groups = new Map<string, Placed[]>()
  for (const request of requests) {
    const group = groups.get(request.resourceId)
    if (group === undefined) groups.set(request.resourceId, [request])
    else group.push(request)
  }
  return groups
}
