import type { Transaction } from '../../db/transaction.ts'
import type { BookingRequest } from '../../domain/booking-request.ts'
import { countWithin, placesOf } from '../../domain/places.ts'
import type { LockedLane } from '../queries/lock-lane.ts'
import { readUndecided } from '../queries/read-undecided.ts'
import type { BatchSizes } from './batch-sizes.ts'

interface TakenBatch {
  readonly requests: readonly BookingRequest[]
  /** The lane's watermark once they are decided. */
  readonly watermark: number
  /** There may be more. */
  readonly full: boolean
}

/** Takes what waits above the watermark, as far as the batch has room for its requests and their places. */
export async function takeBatch(
  tx: Transaction,
  { id, watermark }: LockedLane,
  sizes: BatchSizes,
): Promise<TakenBatch> {
  const { next, requests, full, last } = await readUndecided(tx, id, watermark, sizes.of(id))
  const places = requests.map(({ selection }) => placesOf(selection))
  const taken = requests.slice(0, countWithin(places, sizes.maxPlaces))
  const lastTaken = taken.at(-1)
  if (lastTaken !== undefined && taken.length < requests.length) {
    return { requests: taken, watermark: lastTaken.seq, full: true }
  }
  return { requests, watermark: full && last !== null ? last : next - 1, full }
}
