/** Reading things that are one row each. Their differences are data. */
import type pg from 'pg'
import { type Cursor, type Page, toPage } from '../db/cursor.ts'
import { ListFilter } from '../db/list-filter.ts'
import { type Looked, selectWindow, toWindowPage } from '../db/window.ts'
import type { Fields } from '../fields/field.ts'
import { notFound } from './problem.ts'

/** The way a thing is read. The contract says which fields are shown. */
export interface Shown {
  /** `promo code` */
  readonly noun: string
  /** The SQL that finds it, in which its table is `t`. */
  readonly from: string
  /** The SQL of its organizer's id. */
  readonly owner: string
  /** The SQL of every shown field but the id. */
  readonly columns: Readonly<Record<string, string>>
  /** The SQL of the text by whose beginning it can be listed. */
  readonly beginning?: string
}

interface View extends Record<string, unknown> {
  readonly id: string
}

/**
 * Reads one thing.
 *
 * @param organizerId whose it must be; `null` is anybody's
 * @throws Problem `not_found`
 */
export async function getThing(pool: pg.Pool, thing: Shown, id: string, organizerId: string | null): Promise<View> {
  const { rows } = await pool.query<View>(`${select(thing)} where ${isOwn(thing)}`, [id, organizerId])
  if (rows[0] === undefined) throw notFound(thing.noun)
  return rows[0]
}

/**
 * Lists things, the newest first.
 *
 * @param filter ids by what they are of; `null` is any
 * @param prefix beginning of the text that they are listed by; `null` is any
 */
export async function listThings(
  pool: pg.Pool,
  thing: Shown,
  filter: Readonly<Record<string, string | null>>,
  limit: number,
  after: Cursor | null,
  prefix: string | null = null,
): Promise<Page<View>> {
  const list = new ListFilter(limit)
  for (const [name, id] of Object.entries(filter)) {
    list.where((parameter) => `${thing.columns[name] ?? thing.owner} = ${parameter}::uuid`, id)
  }
  list.where((parameter) => `t.id < ${parameter}::uuid`, after?.id ?? null)
  if (prefix !== null && thing.beginning !== undefined) return listByBeginning(pool, thing, list, limit, prefix)
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

/** Lists the things that begin so, among a window of those that `list` wants. */
async function listByBeginning(
  pool: pg.Pool,
  thing: Shown,
  list: ListFilter,
  limit: number,
  prefix: string,
): Promise<Page<View>> {
  list.keep((parameter) => `starts_with(beginning, ${parameter})`, prefix)
  const looked = `select t.id, ${thing.beginning} as beginning from ${thing.from} where ${list.clause}`
  const { rows } = await pool.query<View & Looked>(
    `${select({ ...thing, columns: { ...thing.columns, place: 'w.place', matches: 'w.matches' } })}
     join (${selectWindow(looked, list.matches, 'id desc')} order by id desc limit $1::int + 1) w on w.id = t.id
     order by t.id desc`,
    list.values,
  )
  return toWindowPage(
    rows,
    limit,
    ({ id }) => ({ key: 0, id }),
    ({ place: _, matches: __, ...row }) => row,
  )
}

function select({ columns, from }: Shown): string {
  const shown = Object.entries({ id: 't.id', ...columns }).map(([name, sql]) => `${sql} as "${name}"`)
  return `select ${shown.join()} from ${from}`
}

/** Returns the SQL of a thing by id (`$1`) and organizer (`$2`; `null` is any). */
export const isOwn = ({ owner }: Pick<Shown, 'owner'>) => `t.id = $1::uuid and ($2::uuid is null or ${owner} = $2)`

/** Returns the SQL of fields that are columns of the thing's own table. */
export const columnsOf = (fields: Fields): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.keys(fields).map((name) => [name, `t.${columnOf(name)}`]))

/** Returns the column of a field: `venue_id` of `venueId`. */
export const columnOf = (name: string) => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
