/**
 * Plain things of the catalogue: one row each, whose fields are independent of each other and of all that is sold. Their
 * differences are data (`plain-things.ts`).
 *
 * Keeps: I7; what another organizer owns does not exist. Locks: the row that is changed.
 */
import type { Transaction } from '../db/transaction.ts'
import { type Changes, type Fields, fieldsOf, type New, type Row, withDefaults } from '../fields/field.ts'
import type { Cause } from '../records/cause.ts'
import type { Change } from '../records/change.ts'
import { recordChanges } from '../records/record-changes.ts'
import { newId } from '../runtime/new-id.ts'
import { notFound } from '../use-case/problem.ts'
import { differences } from '../records/differences.ts'
import { columnOf, isOwn, type Shown } from '../use-case/read-things.ts'

export interface PlainThing<F extends Fields = Fields> extends Shown {
  /** Its table is the plural. */
  readonly noun: 'organizer' | 'venue' | 'auditorium' | 'movie'
  readonly fields: F
  /** Throws `not_found` where the organizer or what the new thing is part of does not exist. */
  requireParent(tx: Transaction, organizerId: string, given: Row<F>): Promise<void>
  /** Fields that the record of a creation leaves out. */
  readonly unrecorded?: readonly string[]
  /** Returns what may be recorded of values that hold personal data. */
  redact?(values: Partial<Row<F>>): Partial<Row<F>>
}

type Values = Readonly<Record<string, unknown>>

/**
 * Makes a thing, and returns its id.
 *
 * @throws Problem `not_found` for the organizer, or what it is part of
 */
export async function createThing<F extends Fields>(
  tx: Transaction,
  thing: PlainThing<F>,
  by: Cause,
  given: New<F> & { readonly id?: string | undefined; readonly organizerId?: string | undefined },
): Promise<string> {
  const { noun, owner, unrecorded = [] } = thing
  const { id = newId(), organizerId = id } = given
  const values = withDefaults(thing.fields, given)
  await thing.requireParent(tx, organizerId, values)
  const owned = owner === 't.organizer_id' ? { organizerId } : {}
  const columns = Object.entries({ id, ...owned, ...values })
  await tx.client.query(
    `insert into ${noun}s (${columns.map(([name]) => columnOf(name)).join()})
     values (${columns.map((_, index) => `$${index + 1}`).join()})`,
    columns.map(([, value]) => value),
  )
  const recorded = Object.entries(redacted(thing, values)).filter(([name]) => !unrecorded.includes(name))
  const after: object = Object.fromEntries(recorded)
  await recordChanges(tx, by, [{ organizerId, type: `${noun}.created`, entityId: id, after } as Change])
  return id
}

export interface ThingChange<F extends Fields> {
  readonly id: string
  /** The organizer it must belong to; `null`, for admins, is any. */
  readonly organizerId: string | null
  readonly changes: Changes<F>
}

/**
 * Changes the fields of a thing that differ, and records them.
 *
 * @throws Problem `not_found`
 */
export async function changeThing<F extends Fields>(
  tx: Transaction,
  thing: PlainThing<F>,
  by: Cause,
  { id, organizerId, changes }: ThingChange<F>,
): Promise<void> {
  const { noun, fields } = thing
  const current = await lockThing(tx, thing, id, organizerId)
  const changed = differences<Values>(fieldsOf(fields, current), changes)
  if (changed === null) return
  const set = Object.keys(changed.after).map((name, index) => `${columnOf(name)} = $${index + 2}`)
  await tx.client.query(`update ${noun}s set ${set.join()} where id = $1`, [id, ...Object.values(changed.after)])
  const before = redacted(thing, changed.before as Partial<Row<F>>)
  const after = redacted(thing, changed.after as Partial<Row<F>>)
  const { organizerId: owner } = current
  await recordChanges(tx, by, [{ organizerId: owner, type: `${noun}.updated`, entityId: id, before, after } as Change])
}

/** Locks a thing, and returns its fields and its organizer. @throws Problem `not_found` */
export async function lockThing<F extends Fields>(
  tx: Transaction,
  thing: PlainThing<F>,
  id: string,
  organizerId: string | null,
): Promise<Values & { readonly organizerId: string }> {
  const { noun, fields, columns, from, owner } = thing
  const read = Object.keys(fields).map((name) => `${columns[name]} as "${name}"`)
  const { rows } = await tx.client.query<Values & { readonly organizerId: string }>(
    `select ${owner} as "organizerId", ${read.join()} from ${from} where ${isOwn(thing)} for no key update of "t"`,
    [id, organizerId],
  )
  if (rows[0] === undefined) throw notFound(noun)
  return rows[0]
}

function redacted<F extends Fields>(thing: PlainThing<F>, values: Partial<Row<F>>): Partial<Row<F>> {
  return thing.redact?.(values) ?? values
}
