/** Lanes that there may be. A worker looks for jobs in all of them. */
export const MAX_LANES = 64

const FNV_OFFSET_BASIS = 0x811c9dc5
const FNV_PRIME = 0x01000193
const encoder = new TextEncoder()

/**
 * Returns the lane of a showtime's or event's jobs, from 0 to `lanes - 1`. It carries them and keeps no order: processes with
 * other numbers of lanes work side by side.
 *
 * It is FNV-1a 32 over the id's UTF-8 bytes, then the final avalanche of MurmurHash3 (fmix32): plain FNV-1a leaves the
 * low bits of similar ids close together, and a modulus looks at those. Stable over versions and machines. Not secure:
 * whoever chooses ids can choose the lane, so we generate ids.
 *
 * @throws RangeError unless `lanes` is a positive integer.
 * @see draft-eastlake-fnv, section 2; MurmurHash3, https://github.com/aappleby/smhasher
 */
export function laneFor(resourceId: string, lanes: number): number {
  if (!Number.isSafeInteger(lanes) || lanes < 1) throw new RangeError(`not a number of lanes: ${lanes}`)
  let hash = FNV_OFFSET_BASIS
  for (const byte of encoder.encode(resourceId)) hash = Math.imul(hash ^ byte, FNV_PRIME)
  return avalanche(hash) % lanes
}

/**
 * Returns the name of a lane's queue: `bookings-00`, `bookings-01`, …
 *
 * @throws RangeError unless `lane` is an integer from 0 up.
 */
export function laneName(lane: number): string {
  if (!Number.isSafeInteger(lane) || lane < 0) throw new RangeError(`not a lane: ${lane}`)
  return `bookings-${String(lane).padStart(2, '0')}`
}

/** Returns the id of a lane in the audit: a lane has a number, and audit rows are about ids. */
export function laneEntityId(lane: number): string {
  return `1a9e0000-0000-4000-8000-${String(lane).padStart(12, '0')}`
}

function avalanche(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}
