import type pg from 'pg'
import { run } from '../transaction.ts'

type Executor = pg.Pool | pg.PoolClient

const SENT = {
  name: 'mark-mail-sent',
  text: `
    update mails set status = 'sent', next_attempt_at = null, failure = null, sent_at = clock_timestamp()
    where id = $1 and status = 'pending'`,
}

const FAILED = {
  name: 'mark-mail-failed',
  text: `
    update mails set status = 'failed', next_attempt_at = null, failure = $3
    where id = $1 and status = 'pending' and attempts = $2`,
}

const DROP = {
  name: 'drop-mail',
  text: `
    update mails set status = 'failed', next_attempt_at = null, begun_at = null, failure = $3
    where id = $1 and status = 'pending' and attempts = $2`,
}

const POSTPONE = {
  name: 'postpone-mail',
  text: `
    update mails set next_attempt_at = clock_timestamp() + $4::float8 * interval '1 millisecond', failure = $3
    where id = $1 and status = 'pending' and attempts = $2`,
}

/** Whoever has sent it may say so, though the lease was over meanwhile. */
export async function markMailSent(pool: pg.Pool, id: string): Promise<void> {
  await run(pool, SENT, [id])
}

/** Gives it up; `failure` says why, without naming anybody. Only the attempt of this number, the last one, may. */
export async function markMailFailed(pool: pg.Pool, id: string, attempt: number, failure: string): Promise<void> {
  await run(pool, FAILED, [id, attempt, failure])
}

/** Gives it up likewise, and counts it against no budget: nothing was sent. */
export async function dropMail(executor: Executor, id: string, attempt: number, failure: string): Promise<void> {
  await run(executor, DROP, [id, attempt, failure])
}

/** Lets it be tried again after `delayMs`. Likewise for the last attempt only. */
export async function postponeMail(
  executor: Executor,
  id: string,
  attempt: number,
  failure: string,
  delayMs: number,
): Promise<void> {
  await run(executor, POSTPONE, [id, attempt, failure, delayMs])
}
