import { newId } from '../runtime/new-id.ts'

/**
 * Ids of things that are made together: they differ in their last byte alone, so that the first one, which an idempotency
 * key remembers, tells all of them. Otherwise UUIDv7 as all are, and the bytes before the last keep them unique.
 */
export function newBatchIds(): (index: number) => string {
  const stem = newId().slice(0, -2)
  return (index) => {
    if (!Number.isInteger(index) || index < 0 || index > 255) throw new RangeError(`${index} is beyond a batch`)
    return stem + index.toString(16).padStart(2, '0')
  }
}

/** Returns the first and the last id that a batch may have whose first one this is. */
export function batchRange(firstId: string): readonly [string, string] {
  return [firstId, `${firstId.slice(0, -2)}ff`]
}
