/**
 * Retrying work that was parked, by those who run the service.
 *
 * Keeps: I7, as far as parked work has it: it is the service's own, so there is an audit row and no outgoing event.
 * Locks: the idempotency key → the mail → the setback. Whoever parks a mail locks in the same order.
 */
import type { Database } from '../db/connect.ts'
import { insertOperatorRecord } from '../records/queries/insert-operator-record.ts'
import { findSetback, type ParkedView } from './queries/parked-view.ts'
import { retryMail, retrySetback } from './queries/retry-setback.ts'
import { inTransaction, type Transaction } from '../db/transaction.ts'
import { type KeyedRequest, makeOnce } from '../use-case/idempotency.ts'
import { newId } from '../runtime/new-id.ts'
import { notFound } from '../use-case/problem.ts'

export interface RetryParked {
  readonly id: string
  readonly actor: string
  readonly requestId: string
  readonly keyed: KeyedRequest | null
}

/** Lets parked work be done again; work that is due already is left as it is. Throws Problem `not_found`. */
export function retryParked(
  database: Database,
  { id, actor, requestId, keyed }: RetryParked,
): Promise<{ readonly parked: ParkedView; readonly replayed: boolean }> {
  return inTransaction(database, async (tx) => {
    const { replayed } = await makeOnce(tx, keyed, async () => {
      const { kind, subjectId, entityId, failures, error } = await getSetback(tx, id)
      if (kind === 'mail') await retryMail(tx, subjectId)
      if (await retrySetback(tx, id)) {
        const before = { kind, subjectId, entityId, failures, error }
        const what = { action: 'parked.retried', entity: 'parked', entityId: id, before, after: null } as const
        await insertOperatorRecord(tx, { id: newId(), actor, requestId, ...what })
      }
      return id
    })
    return { parked: await getSetback(tx, id), replayed }
  })
}

async function getSetback(tx: Transaction, id: string): Promise<ParkedView> {
  const found = await findSetback(tx.client, id)
  if (found === null) throw notFound('parked work')
  return found
}
