import { createHash } from 'node:crypto'
import { v7 } from 'uuid'

/** 2025-11-16, the time in every demo id. */
const DEMO_EPOCH_MS = Date.UTC(2025, 10, 16)

/**
 * Returns a UUIDv7 whose random part is a digest of `name`: the same name gives the same id on every start and machine.
 */
export function demoId(name: string): string {
  const digest = createHash('sha256').update(name).digest()
  return v7({ msecs: DEMO_EPOCH_MS, random: digest.subarray(0, 16), seq: digest.readUInt32BE(16) })
}
