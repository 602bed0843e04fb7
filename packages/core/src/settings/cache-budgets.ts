/**
 * Budgets of caches, in bytes; all of them together leave a heap of 512 MB half free. Seat maps are bodies, which lie
 * outside of the heap. The worker has seats alone.
 */
/** Houses as a whole, for choosing seats, and who sits in them: two of the largest, 200,000 seats with long labels, are 90 MB. */
export const HOUSES_BYTES = 96 * 1024 * 1024
export const OCCUPANCY_BYTES = 16 * 1024 * 1024
export const SEATS_BYTES = 48 * 1024 * 1024
export const SEAT_MAPS_BYTES = 64 * 1024 * 1024
export const AVAILABILITY_BYTES = 64 * 1024 * 1024
export const STREAMS_BYTES = 48 * 1024 * 1024
export const QR_CODES_BYTES = 8 * 1024 * 1024

/** Bytes of a string in a list beside its characters: its header, and the pointer to it. */
const STRING_BYTES = 32

/** Bytes of a key of a map, whose table is up to twice as large as its content. */
const KEY_BYTES = 80

/** Estimates what a list of labels takes, from above. */
export function listBytes(labels: readonly string[]): number {
  let bytes = 0
  for (const label of labels) bytes += STRING_BYTES + label.length
  return bytes
}

/** Estimates what a map by these labels takes, from above, whose values are shared. */
export function mapBytes(labels: Iterable<string>): number {
  let bytes = 0
  for (const label of labels) bytes += KEY_BYTES + label.length
  return bytes
}
