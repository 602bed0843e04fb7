import { newId } from '../runtime/new-id.ts'

/** Hexadecimal digits in which the ids of a batch differ: enough for 65,536 things. */
const DIGITS = 4

/** The same for as many promo codes as a batch may have. */
export const PROMO_CODE_DIGITS = 5

/**
 * Ids of things that are made together: they differ in their last digits alone, so that the first one, which an
 * idempotency key remembers, tells all of them. Otherwise UUIDv7 as all are, and the bytes before keep them unique. Ids that
 * are not wanted are passed over.
 */
export function newBatchIds(
  isWanted: (id: string) => boolean = () => true,
  digits: number = DIGITS,
): (index: number) => string {
  const stem = newId().slice(0, -digits)
  const ids: string[] = []
  let suffix = 0
  return (index) => {
    for (; ids.length <= index && suffix < 16 ** digits; suffix++) {
      const id = stem + suffix.toString(16).padStart(digits, '0')
      if (isWanted(id)) ids.push(id)
    }
    const found = ids[index]
    if (found === undefined) throw new RangeError(`${index} is beyond a batch`)
    return found
  }
}

/** Returns the first and the last id that a batch may have whose first one this is. */
export function batchRange(firstId: string): readonly [string, string] {
  return [firstId, firstId.slice(0, -DIGITS) + 'f'.repeat(DIGITS)]
}
