import type pg from 'pg'
import { run } from '../../db/transaction.ts'

type Executor = pg.Pool | pg.PoolClient

const SENT = {
  name: 'mark-mail-sent',
  text: `
    with forgotten as (delete from setbacks where kind = 'mail' and subject_id = $1)
    update mails set status = 'sent', next_attempt_at = null, failure = null, sent_at = clock_timestamp()
    where id = $1 and status = 'pending'`,
}

/** Once a mail that was retried is given up for good there is nothing left to retry. */
const FORGET = "delete from setbacks where kind = 'mail' and subject_id = $1 and exists (select from failed)"

const FAILED = {
  name: 'mark-mail-failed',
  text: `
    with failed as (
      update mails set status = 'failed', next_attempt_at = null, failure = $3
      where id = $1 and status = 'pending' and attempts = $2
      returning 1
    )
    ${FORGET}`,
}

const DROP = {
  name: 'drop-mail',
  text: `
    with failed as (
      update mails set status = 'failed', next_attempt_at = null, begun_at = null, failure = $3
      where id = $1 and status = 'pending' and attempts = $2
      returning 1
    )
    ${FORGET}`,
}

/** The setback after the mail, which is the order of whoever retries it. */
const PARK = {
  name: 'park-mail',
  text: `
    with failed as (
      update mails set status = 'failed', next_attempt_at = null, failure = $3
      where id = $1 and status = 'pending' and attempts = $2
      returning booking_id, attempts, created_at
    )
    insert into setbacks as s (id, kind, subject_id, entity_id, failures, error, first_failed_at, failed_at)
    select $4, 'mail', $1, booking_id, attempts, $3, created_at, clock_timestamp() from failed
    on conflict (kind, subject_id) do update set failures = excluded.failures, error = excluded.error,
      failed_at = excluded.failed_at, retry_at = null`,
}

const POSTPONE = {
  name: 'postpone-mail',
  text: `
    update mails set next_attempt_at = clock_timestamp() + $4::float8 * interval '1 millisecond', failure = $3
    where id = $1 and status = 'pending' and attempts = $2`,
}

/** Records that a mail was sent, also if the lease has ended meanwhile. */
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

/** Gives it up likewise, and parks it for an operator to retry. */
export async function parkMail(
  pool: pg.Pool,
  setbackId: string,
  { id, attempt, failure }: { readonly id: string; readonly attempt: number; readonly failure: string },
): Promise<void> {
  await run(pool, PARK, [id, attempt, failure, setbackId])
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
