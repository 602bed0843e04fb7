/**
 * Plain things of the catalogue: one row each, whose fields are independent of each other and of all that is sold. What they
 * differ in is data (`plain-things.ts`).
 *
 * Keeps: I7; what another organizer owns does not exist. Locks: the row that is changed.
 */
import type pg from 'pg'
import { type Cursor, type Page, toPage } from '../db/cursor.ts'
import { ListFilter } from '../db/list-filter.ts'
import type { Transaction } from '../db/transaction.ts'
import { type Changes, type Fields, type New, type Row, withDefaults } from '../fields/field.ts'
import { type CreatedBy, recordChanges, recordCreation } from '../records/record-changes.ts'
import { newId } from '../runtime/new-id.ts'
import { notFound } from '../use-case/problem.ts'
import { differences } from './differences.ts'

export interface PlainThing<F extends Fields = Fields> {
  /** Its table is the plural. */
  readonly entity: 'organizer' | 'venue' | 'auditorium' | 'movie'
  readonly fields: F
  /** The SQL that finds it, in which its table is `t`. */
  readonly from: string
  /** The SQL of its organizer's id. */
  readonly owner: string
  /** Columns that are shown besides the fields, and their SQL. */
  readonly shown: Readonly<Record<string, string>>
  /** Throws `not_found` where the organizer or what the new thing is part of does not exist. */
  requireParent(tx: Transaction, organizerId: string, given: Row<F>): Promise<void>
  /** Fields that the record of a creation leaves out. */
  readonly unrecorded?: readonly string[]
  /** What may be recorded of a field that holds personal data. */
  redact?(values: Partial<Row<F>>): Partial<Row<F>>
}

type Values = Readonly<Record<string, unknown>>

/** What is shown of a thing, as the contract has it. */
interface View extends Record<string, unknown> {
  readonly id: string
}

/** @throws Problem `not_found` for the organizer, or what it is part of. Returns the id. */
export async function createThing<F extends Fields>(
  tx: Transaction,
  thing: PlainThing<F>,
  by: CreatedBy,
  given: New<F> & { readonly id?: string | undefined; readonly organizerId?: string | undefined },
): Promise<string> {
  const { entity, owner, unrecorded = [] } = thing
  const id = given.id ?? newId()
  const organizerId = given.organizerId ?? id
  const values = withDefaults(thing.fields, given)
  await thing.requireParent(tx, organizerId, values)
  const columns = new Map<string, unknown>([
    ['id', id],
    ...(owner === 't.organizer_id' ? ([['organizer_id', organizerId]] as const) : []),
    ...Object.entries(values).map(([name, value]) => [columnOf(name), value] as const),
  ])
  const parameters = [...columns].map((_, index) => `$${index + 1}`)
  await tx.client.query(`insert into ${entity}s (${[...columns.keys()].join()}) values (${parameters.join()})`, [
    ...columns.values(),
  ])
  const recorded = Object.entries(redacted(thing, values)).filter(([name]) => !unrecorded.includes(name))
  await recordCreation(tx, by, [{ organizerId, entity, entityId: id, after: Object.fromEntries(recorded) }])
  return id
}

/**
 * @param organizerId whose it must be; `null`, for admins, is anybody's
 * @throws Problem `not_found`
 */
export async function changeThing<F extends Fields>(
  tx: Transaction,
  thing: PlainThing<F>,
  by: CreatedBy,
  {
    id,
    organizerId,
    changes,
  }: { readonly id: string; readonly organizerId: string | null; readonly changes: Changes<F> },
): Promise<void> {
  const { entity, fields } = thing
  const locked = await lockThing(tx, thing, id, organizerId)
  const current = Object.fromEntries(Object.keys(fields).map((name) => [name, locked.values[name]]))
  const changed = differences<Values>(current, changes)
  if (changed === null) return
  const set = Object.keys(changed.after).map((name, index) => `${columnOf(name)} = $${index + 2}`)
  await tx.client.query(`update ${entity}s set ${set.join()} where id = $1`, [id, ...Object.values(changed.after)])
  const before = redacted(thing, changed.before as Partial<Row<F>>)
  const after = redacted(thing, changed.after as Partial<Row<F>>)
  await recordChanges(tx, by, [
    { organizerId: locked.organizerId, entity, entityId: id, what: 'updated', before, after },
  ])
}

/** Locks a thing, and returns its fields and its organizer. @throws Problem `not_found` */
export async function lockThing<F extends Fields>(
  tx: Transaction,
  thing: PlainThing<F>,
  id: string,
  organizerId: string | null,
): Promise<{ readonly organizerId: string; readonly values: Values }> {
  const { rows } = await tx.client.query<{ owner: string } & Values>(
    `select ${thing.owner} as owner, ${columnsOf(thing)} from ${thing.from} where ${isOwn(thing)} for no key update of "t"`,
    [id, organizerId],
  )
  if (rows[0] === undefined) throw notFound(thing.entity)
  const { owner, ...values } = rows[0]
  return { organizerId: owner, values }
}

/** @param organizerId whose it must be; `null` is anybody's. @throws Problem `not_found` */
export async function getThing(
  pool: pg.Pool,
  thing: PlainThing,
  id: string,
  organizerId: string | null,
): Promise<View> {
  const { rows } = await pool.query<View>(`${select(thing)} where ${isOwn(thing)}`, [id, organizerId])
  if (rows[0] === undefined) throw notFound(thing.entity)
  return rows[0]
}

/** Lists things, the newest first. */
export async function listThings(
  pool: pg.Pool,
  thing: PlainThing,
  /** By fields, and by `organizerId`; `null` is any. */
  filter: Readonly<Record<string, string | null>>,
  limit: number,
  after: Cursor | null,
): Promise<Page<View>> {
  const list = new ListFilter(limit)
  for (const [name, value] of Object.entries(filter)) {
    const column = name === 'organizerId' ? thing.owner : `t.${columnOf(name)}`
    list.where((parameter) => `${column} = ${parameter}::uuid`, value)
  }
  list.where((parameter) => `t.id < ${parameter}::uuid`, after?.id ?? null)
  const { rows } = await pool.query<View>(
    `${select(thing)} where ${list.clause} order by t.id desc limit $1::int + 1`,
    list.values,
  )
  return toPage(
    rows,
    limit,
    ({ id }) => ({ key: 0, id }),
    (row) => row,
  )
}

function select(thing: PlainThing): string {
  const shown = Object.entries(thing.shown).map(([name, sql]) => `${sql} as "${name}"`)
  const owner = thing.entity === 'organizer' ? [] : [`${thing.owner} as "organizerId"`]
  return `select ${['t.id', ...owner, columnsOf(thing), ...shown].join()} from ${thing.from}`
}

const columnsOf = ({ fields }: Pick<PlainThing, 'fields'>) =>
  Object.keys(fields)
    .map((name) => `t.${columnOf(name)} as "${name}"`)
    .join()

const isOwn = ({ owner }: Pick<PlainThing, 'owner'>) => `t.id = $1::uuid and ($2::uuid is null or ${owner} = $2)`

/** `venue_id` of `venueId`. */
const columnOf = (name: string) => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

function redacted<F extends Fields>(thing: PlainThing<F>, values: Partial<Row<F>>): Partial<Row<F>> {
  return thing.redact?.(values) ?? values
}
