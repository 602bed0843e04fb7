import { run, type Transaction } from '../../db/transaction.ts'

const CLAIM = {
  name: 'claim-mail',
  text: `
    update mails
       set attempts = attempts + 1, begun_at = clock_timestamp(),
         next_attempt_at = clock_timestamp() + $3::float8 * interval '1 millisecond'
     where id = $1 and attempts = $2 and next_attempt_at <= now()
    returning attempts`,
}

/**
 * Takes a due mail for `leaseMs`: nobody else sends it meanwhile, and somebody does afterwards, should this process never
 * say how it went. Returns the number of the try that begins; `null` where somebody else was faster.
 */
export async function claimMail(
  tx: Transaction,
  mail: { readonly id: string; readonly attempts: number },
  leaseMs: number,
): Promise<number | null> {
  const [row] = await run<{ attempts: number }>(tx.client, CLAIM, [mail.id, mail.attempts, leaseMs])
  return row?.attempts ?? null
}
