import { run, type Transaction } from '../../db/transaction.ts'

const RETRY = {
  name: 'retry-setback',
  text: `
    update setbacks set failures = 0, retry_at = clock_timestamp() where id = $1 and retry_at is null
    returning 1 as retried`,
}

/** Unparks work: it is done with the next run, and has all its tries again. `false` where it is not parked. */
export async function retrySetback(tx: Transaction, id: string): Promise<boolean> {
  return (await run(tx.client, RETRY, [id])).length > 0
}

const RETRY_MAIL = {
  name: 'retry-mail',
  text: `
    update mails set status = 'pending', attempts = 0, next_attempt_at = clock_timestamp(), failure = null
    where id = $1 and status = 'failed'`,
}

/** Lets a mail that was given up be sent again. */
export async function retryMail(tx: Transaction, id: string): Promise<void> {
  await run(tx.client, RETRY_MAIL, [id])
}
