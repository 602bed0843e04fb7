import { and, eq, inArray, sql } from '../../db/drizzle.ts'
import { lines, resourceState } from '../../db/schema/index.ts'
import type { Transaction } from '../../db/transaction.ts'

export interface LineFlags {
  readonly paused: boolean
  readonly draining: boolean
}

/**
 * Locks lines for whoever decides, in the order of their ids, and returns their flags. Whoever changes `draining` holds
 * these locks, so it is read without one: accepting does not wait for the batch in hand.
 */
export async function lockLineFlags(tx: Transaction, ids: readonly string[]): Promise<ReadonlyMap<string, LineFlags>> {
  const deciding = await tx.orm
    .select({ id: resourceState.resourceId, paused: resourceState.paused })
    .from(resourceState)
    .where(inArray(resourceState.resourceId, [...ids]))
    .orderBy(resourceState.resourceId)
    .for('no key update')
  const accepting = await tx.orm
    .select({ id: lines.resourceId, draining: lines.draining })
    .from(lines)
    .where(inArray(lines.resourceId, [...ids]))
  const drainingOf = new Map(accepting.map(({ id, draining }) => [id, draining]))
  return new Map(deciding.map(({ id, paused }) => [id, { paused, draining: drainingOf.get(id) ?? false }]))
}

/** Sets the flags of lines that have others. Needs their locks, and locks them for those who accept. */
export async function updateLineFlags(tx: Transaction, ids: readonly string[], flags: LineFlags): Promise<void> {
  const { paused, draining } = flags
  await tx.orm
    .update(resourceState)
    .set({ paused })
    .where(and(inArray(resourceState.resourceId, [...ids]), eq(resourceState.paused, !paused)))
  // Last, and in order: whoever accepts waits for these rows.
  await tx.orm.execute(sql`
    update lines l set draining = ${draining}
    from unnest(${sql.param([...ids].sort())}::uuid[]) as w(id)
    where l.resource_id = any (array[w.id]) and l.draining <> ${draining}`)
}
