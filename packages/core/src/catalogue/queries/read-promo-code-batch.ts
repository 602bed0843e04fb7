import type pg from 'pg'
import { run } from '../../db/transaction.ts'
import { PROMO_CODE_DIGITS } from '../batch-ids.ts'

export interface BatchedCode extends Record<string, unknown> {
  readonly id: string
  readonly code: string
}

const READ = {
  name: 'read-promo-code-batch',
  text: 'select id, code from promo_codes where id between $1::uuid and $2::uuid order by id',
}

/** Codes that one statement reads. */
const CHUNK = 2_000

/**
 * Reads the codes of a batch in the order in which they were made, some thousands at a time: nobody keeps a connection while
 * a client reads slowly.
 *
 * @param batchId id of the first one; those of the others follow it (see `newBatchIds`)
 */
export async function* readPromoCodeBatch(pool: pg.Pool, batchId: string): AsyncGenerator<readonly BatchedCode[]> {
  const stem = batchId.slice(0, -PROMO_CODE_DIGITS)
  const idAt = (index: number) => stem + index.toString(16).padStart(PROMO_CODE_DIGITS, '0')
  for (let from = 0; ; from += CHUNK) {
    const codes = await run<BatchedCode>(pool, READ, [idAt(from), idAt(from + CHUNK - 1)])
    yield codes
    if (codes.length < CHUNK) return
  }
}
