import { type Cursor, encodeCursor, type Page, toPage } from './cursor.ts'

/**
 * A page looks at no more rows than this for those that its filters want. What no index leads to would otherwise be looked
 * for among everything there is. A window that ends before the page is full ends the page, and its cursor goes on there.
 */
export const WINDOW = 10_000

/** A row of a window. */
export interface Looked {
  /** 1 to `WINDOW`, in the order of the list. */
  readonly place: number
  /** The filters want it. The last row of a window comes along in any case, so that the cursor can go on from it. */
  readonly matches: boolean
}

/**
 * Selects, of the rows of `looked`, those that match, and the last one of a full window. `looked` is a SELECT without ORDER
 * BY or LIMIT, whose conditions must all be found by one index in the order of `order`.
 */
export function selectWindow(looked: string, matches: string, order: string): string {
  return `
    select * from (
      select looked.*, row_number() over (order by ${order}) as place, coalesce(${matches}, false) as matches
      from (${looked} order by ${order} limit ${WINDOW}) looked
    ) numbered
    where matches or place = ${WINDOW}`
}

/** Makes a page of what `selectWindow` found, read with a limit of one more than `limit`. */
export function toWindowPage<Row extends Looked, Item>(
  rows: readonly Row[],
  limit: number,
  cursorOf: (row: Row) => Cursor,
  view: (row: Row) => Item,
): Page<Item> {
  const page = toPage(
    rows.filter(({ matches }) => matches),
    limit,
    cursorOf,
    view,
  )
  const end = rows.at(-1)
  if (page.nextCursor !== null || end?.place !== WINDOW) return page
  return { ...page, nextCursor: encodeCursor(cursorOf(end)) }
}
