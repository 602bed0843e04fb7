import { v7 } from 'uuid'
import { randomBytes } from './random-bytes.ts'

let lastMs = 0
let seq = 0

/**
 * Returns a UUIDv7 (RFC 9562): ordered by time, so that new rows go to the end of their indexes. Within a millisecond a
 * counter keeps those of one process in order; the rows of one transaction are read in it.
 */
export function newId(): string {
  const random = randomBytes(16)
  const nowMs = Date.now()
  if (nowMs > lastMs) {
    lastMs = nowMs
    // Half of what there is room for, so that counting on never overflows.
    seq = new DataView(random.buffer, random.byteOffset).getUint32(6) >>> 1
  } else seq += 1
  return v7({ random, msecs: lastMs, seq })
}
