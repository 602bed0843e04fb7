import type { Transaction } from '../../db/transaction.ts'
import type { BookingRequest } from '../../domain/booking-request.ts'
import { countWithin, placesOfWish } from '../../domain/places.ts'
import type { Wish } from '../../domain/wish.ts'
import type { LockedLine } from '../queries/lock-lines.ts'
import { readUndecided } from '../queries/read-undecided.ts'
import { shareOut } from './share-out.ts'

/** Part of a line that a batch takes. */
export interface TakenLine extends LockedLine {
  readonly requests: readonly BookingRequest[]
  /** The line's watermark once they are decided. */
  readonly reached: number
  /** Requests and gaps that are left then. */
  readonly left: number
}

/**
 * Weight of a wish for the best seats in several rows, as places: choosing them looks at the whole house, which takes up to
 * some milliseconds and so as long as writing that many places.
 */
const WEIGHT_APART = 400

const weightOf = (wish: Wish) => placesOfWish(wish) + (wish.best?.together === false ? WEIGHT_APART : 0)

/**
 * Takes what waits in locked lines, in turn, as far as the batch has room for requests and for their places. Of lines behind
 * that nothing is taken.
 */
export async function takeBatch(
  tx: Transaction,
  lines: readonly LockedLine[],
  { maxRequests, maxPlaces }: { readonly maxRequests: number; readonly maxPlaces: number },
): Promise<TakenLine[]> {
  const shares = shareOut(
    lines.map(({ next, watermark }) => next - 1 - watermark),
    maxRequests,
  )
  const undecided = await readUndecided(
    tx,
    lines.map(({ id, watermark }, index) => ({ id, watermark, limit: shares[index] ?? 1 })),
  )
  const places = undecided.flatMap(({ requests }) =>
    requests.map(({ wishes }) => wishes.reduce((sum, wish) => sum + weightOf(wish), 0)),
  )
  let room = countWithin(places, maxPlaces)
  return lines.map((line, index) => {
    const { requests, reached, next } = undecided[index] ?? { requests: [], reached: line.watermark, next: line.next }
    const taken = requests.slice(0, room)
    room -= taken.length
    // What was looked at and not taken stays before the watermark; gaps behind what was taken are passed the next time.
    const upTo = taken.length === requests.length ? reached : (taken.at(-1)?.seq ?? line.watermark)
    return { ...line, requests: taken, reached: upTo, left: next - 1 - upTo }
  })
}
