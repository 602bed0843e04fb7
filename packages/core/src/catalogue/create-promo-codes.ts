/**
 * Making promo codes by the thousand, all or none.
 *
 * Keeps: codes are unique for their organizer, and cannot be guessed. A batch is one audit row and one outgoing event (I7).
 * Locks: nothing that anybody waits for: all rows are new. It keeps its connection for seconds, so few run at a time.
 */
import type { Transaction } from '../db/transaction.ts'
import { drawCode } from '../domain/booking-reference.ts'
import { normalizePromoCode } from '../domain/promo-code.ts'
import type { New } from '../fields/field.ts'
import { PROMO_CODE_BATCH } from '../fields/promo-code.ts'
import type { Cause } from '../records/cause.ts'
import { recordChanges } from '../records/record-changes.ts'
import { randomBytes } from '../runtime/random-bytes.ts'
import { newBatchIds, PROMO_CODE_DIGITS } from './batch-ids.ts'
import { readTerms } from './create-promo-code.ts'
import { requireOrganizer } from './ownership.ts'
import { insertPromoCodes, type PromoCodeTerms } from './queries/insert-promo-codes.ts'

export interface CreatePromoCodes extends Cause, New<typeof PROMO_CODE_BATCH> {
  readonly organizerId: string
}

/** Codes that one statement writes. */
const CHUNK = 2_000

/** Most draws of a code. Of 31^8 hardly one is drawn twice: after as many the random source is broken. */
const MAX_ROUNDS = 10

/**
 * Makes a batch of codes.
 *
 * @param draw returns random characters, as many as it is asked for.
 * @returns the id of the first one, which stands for the batch
 * @throws Problem `not_found` for the organizer, a resource or a ticket type
 */
export async function createPromoCodes(
  tx: Transaction,
  input: CreatePromoCodes,
  draw: (length: number) => string = (length) => drawCode(length, randomBytes),
): Promise<string> {
  const { organizerId, count } = input
  await requireOrganizer(tx, organizerId)
  const terms = await readTerms(tx, organizerId, input)
  const prefix = normalizePromoCode(input.prefix ?? PROMO_CODE_BATCH.prefix.fallback)
  const length = input.length ?? PROMO_CODE_BATCH.length.fallback
  const idOf = newBatchIds(undefined, PROMO_CODE_DIGITS)
  for (let from = 0; from < count; from += CHUNK) {
    const ids = Array.from({ length: Math.min(CHUNK, count - from) }, (_, index) => idOf(from + index))
    await makeChunk(tx, organizerId, ids, terms, () => prefix + draw(length))
  }
  const batchId = idOf(0)
  const after = { count, prefix, ...terms }
  await recordChanges(tx, input, [{ organizerId, type: 'promo_code.batch_created', entityId: batchId, after }])
  return batchId
}

/** Writes codes with these ids. One that the organizer has already is drawn again. */
async function makeChunk(
  tx: Transaction,
  organizerId: string,
  ids: readonly string[],
  terms: PromoCodeTerms,
  draw: () => string,
): Promise<void> {
  let left = ids
  for (let round = 0; left.length > 0; round += 1) {
    if (round === MAX_ROUNDS) throw new Error(`${left.length} codes are taken after ${MAX_ROUNDS} draws`)
    const codes = left.map((id) => ({ id, code: draw() }))
    const made = await insertPromoCodes(tx, organizerId, codes, terms)
    left = left.filter((id) => !made.has(id))
  }
}
