import { run, type Transaction } from '../../db/transaction.ts'

/** Lock with two numbers, as in `lock-webhook-owner.ts`. */
const LOCK = {
  name: 'lock-mail-turns',
  text: 'select pg_advisory_xact_lock(7294, 2)',
}

/**
 * Lets nobody else take a mail until the transaction ends, so that what has been begun can be counted. What is counted
 * has to be asked for by a later statement, which sees what whoever had the lock before has taken.
 */
export async function lockMailTurns(tx: Transaction): Promise<void> {
  await run(tx.client, LOCK, [])
}
