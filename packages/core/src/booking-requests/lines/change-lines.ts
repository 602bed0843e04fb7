/**
 * Pausing, draining and resuming lines: one, by the organizer whose showtime or event it is, or all of a lane, by those who
 * run the service.
 *
 * Keeps: I2 (what was accepted stays in its place and is decided once the line goes on), I7.
 * Locks: resource_state (by id) → the idempotency key → event counters → lines (by id). It waits for the batches in hand and
 * for the writes of whoever accepts, so that once this has committed nothing more is decided (paused) or accepted (draining).
 *
 * The tempting wrong way is to pause the queue: the sweep needs no job, and would decide all the same.
 */
import type { Database } from '../../db/connect.ts'
import type { Transaction } from '../../db/transaction.ts'
import { laneEntityId, laneFor } from '../../domain/lane.ts'
import type { Cause } from '../../records/cause.ts'
import { insertOperatorRecord } from '../../records/queries/insert-operator-record.ts'
import { recordChanges } from '../../records/record-changes.ts'
import { newId } from '../../runtime/new-id.ts'
import { type KeyedRequest, makeOnce } from '../../use-case/idempotency.ts'
import { notFound } from '../../use-case/problem.ts'
import { transact } from '../../use-case/transact.ts'
import { type LineOwner, listOpenLines } from '../queries/list-open-lines.ts'
import { type LineFlags, lockLineFlags, updateLineFlags } from '../queries/line-flags.ts'

/** Lines of one statement. */
const LINES_AT_ONCE = 500

/** Commands for lines, and the word for each in audit rows and events. */
const ACTIONS = {
  pause: { done: 'paused', flags: ({ draining }: LineFlags) => ({ paused: true, draining }) },
  // Its requests are to be decided, which a paused line would not do.
  drain: { done: 'draining', flags: () => ({ paused: false, draining: true }) },
  resume: { done: 'resumed', flags: () => ({ paused: false, draining: false }) },
} as const

export type LineAction = keyof typeof ACTIONS

interface LineCommand extends Cause {
  readonly action: LineAction
  readonly reason: string
  readonly keyed: KeyedRequest | null
}

export interface ChangeLine extends LineCommand {
  readonly line: LineOwner
}

export interface ChangeLane extends LineCommand {
  readonly lane: number
  /** Number of lanes there are. */
  readonly lanes: number
}

/** Changes a line; telling it what it does already changes nothing. */
export async function changeLine(database: Database, change: ChangeLine): Promise<{ readonly replayed: boolean }> {
  const { line, keyed } = change
  return transact(database, async (tx) => {
    const before = await lockLineFlags(tx, [line.id])
    return makeOnce(tx, keyed, async () => {
      await apply(tx, change, [line], before)
      return line.id
    })
  })
}

/**
 * Changes every line of a lane, but for those of shows that are over. Later ones are not among them.
 *
 * @throws Problem `not_found`
 */
export async function changeLane(database: Database, change: ChangeLane): Promise<{ readonly replayed: boolean }> {
  const { lane, lanes, action, reason, actor, requestId, keyed } = change
  if (lane >= lanes) throw notFound('lane')
  return transact(database, async (tx) => {
    const entityId = laneEntityId(lane)
    const lines = (await listOpenLines(tx.client)).filter(({ id }) => laneFor(id, lanes) === lane)
    const before = new Map<string, LineFlags>()
    for (const part of inParts(lines)) {
      const flags = await lockLineFlags(
        tx,
        part.map(({ id }) => id),
      )
      for (const [id, each] of flags) before.set(id, each)
    }
    return makeOnce(tx, keyed, async () => {
      let changed = 0
      for (const part of inParts(lines)) changed += await apply(tx, change, part, before)
      await insertOperatorRecord(tx, {
        id: newId(),
        actor,
        action: `lane.${ACTIONS[action].done}`,
        entity: 'lane',
        entityId,
        after: { lane, lines: lines.length, changed, reason },
        requestId,
      })
      return entityId
    })
  })
}

/** Returns how many lines have other flags now. */
async function apply(
  tx: Transaction,
  { action, reason, actor, requestId }: LineCommand,
  lines: readonly LineOwner[],
  before: ReadonlyMap<string, LineFlags>,
): Promise<number> {
  const { done, flags } = ACTIONS[action]
  const changes = lines.flatMap((line) => {
    const was = before.get(line.id)
    if (was === undefined) return []
    const willBe = flags(was)
    if (willBe.paused === was.paused && willBe.draining === was.draining) return []
    return [{ line, was, willBe }]
  })
  await recordChanges(
    tx,
    { actor, requestId },
    changes.map(({ line: { id, kind, organizerId }, was, willBe }) => ({
      organizerId,
      entityId: id,
      type: `${kind}.${done}` as const,
      before: { ...was },
      after: { ...willBe, reason },
    })),
  )
  for (const [paused, draining] of [
    [true, true],
    [true, false],
    [false, true],
    [false, false],
  ] as const) {
    const ids = changes.flatMap(({ line, willBe }) =>
      willBe.paused === paused && willBe.draining === draining ? [line.id] : [],
    )
    if (ids.length > 0) await updateLineFlags(tx, ids, { paused, draining })
  }
  return changes.length
}

/** Parts in the order of the ids, in which they are locked. */
function* inParts(lines: readonly LineOwner[]): Generator<readonly LineOwner[]> {
  const sorted = lines.toSorted((a, b) => (a.id < b.id ? -1 : 1))
  for (let at = 0; at < sorted.length; at += LINES_AT_ONCE) yield sorted.slice(at, at + LINES_AT_ONCE)
}
