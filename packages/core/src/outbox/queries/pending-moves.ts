import type pg from 'pg'
import { run, type Transaction } from '../../db/transaction.ts'

const INSERT = {
  name: 'insert-pending-moves',
  text: `
    insert into pending_moves (id, resource_id, created_at)
    select n.id, n.resource_id, clock_timestamp() from unnest($1::uuid[], $2::uuid[]) as n(id, resource_id)`,
}

/** Remembers that these showtimes and events have moved, so that their buyers are told. Waits for nobody. */
export async function insertPendingMoves(
  tx: Transaction,
  moves: readonly { readonly id: string; readonly resourceId: string }[],
): Promise<void> {
  if (moves.length === 0) return
  await run(tx.client, INSERT, [moves.map(({ id }) => id), moves.map(({ resourceId }) => resourceId)])
}

const FIND = {
  name: 'find-moved-resources',
  text: `select resource_id as id from pending_moves group by 1 order by random() limit $1`,
}

/** Resources whose buyers are not all told of a move yet: in no order, so that none waits for one that fails. */
export async function findMovedResources(pool: pg.Pool, limit: number): Promise<string[]> {
  const rows = await run<{ id: string }>(pool, FIND, [limit])
  return rows.map(({ id }) => id)
}

/** The number is that of no other kind of advisory lock. */
const LOCK = {
  name: 'lock-pending-move',
  text: `
    select pg_try_advisory_xact_lock(hashtextextended($1::text, 7411)) as taken,
      set_config('statement_timeout', $2, true)`,
}

const MERGE = {
  name: 'merge-pending-moves',
  text: `
    with pending as (
      select id, after, count(*) over () as moves from pending_moves where resource_id = $1 order by id desc limit 1
    ), merged as (
      delete from pending_moves m using pending p where m.resource_id = $1 and m.id < p.id
    )
    select id, case when moves = 1 then after end as after from pending`,
}

export interface PendingMove {
  readonly id: string
  /** The last booking that was seen to; `null` where none was, or the resource has moved again since. */
  readonly after: string | null
}

/**
 * Takes what is left to do for a resource that has moved, and makes several moves one. `null` while somebody else is at it,
 * and where nothing is left.
 *
 * @param withinMs what each further statement of the transaction may take.
 */
export async function lockPendingMove(
  tx: Transaction,
  resourceId: string,
  withinMs: number,
): Promise<PendingMove | null> {
  const [lock] = await run<{ taken: boolean }>(tx.client, LOCK, [resourceId, String(withinMs)])
  if (lock?.taken !== true) return null
  // By a statement of its own, so that it sees what whoever had the lock before has done.
  const [move] = await run<PendingMove & Record<string, unknown>>(tx.client, MERGE, [resourceId])
  return move ?? null
}

const ADVANCE = { name: 'advance-pending-move', text: 'update pending_moves set after = $2 where id = $1' }
const FINISH = { name: 'finish-pending-move', text: 'delete from pending_moves where id = $1' }

/** Writes down how far it is; `null`: all are told. */
export async function advancePendingMove(tx: Transaction, id: string, after: string | null): Promise<void> {
  if (after === null) await run(tx.client, FINISH, [id])
  else await run(tx.client, ADVANCE, [id, after])
}
