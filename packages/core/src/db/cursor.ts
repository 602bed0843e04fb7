import { z } from 'zod'

/** End of a page: the sort key of its last item and, for ties, that item's id. */
export interface Cursor {
  /**
   * Microseconds since the epoch (PostgreSQL's own resolution: milliseconds would skip rows), a number within `id`, or 0
   * where ids sort alone.
   */
  readonly key: number
  readonly id: string
}

/** One page of a list, as clients see it. */
export interface Page<Item> {
  readonly items: readonly Item[]
  /** Opaque; `null` on the last page. A page before that may be short, or empty: see `window.ts`. */
  readonly nextCursor: string | null
}

const cursorSchema = z.tuple([z.int(), z.uuid()])

/** Encodes a cursor, opaquely to clients: base64url (RFC 4648 section 5) of a small JSON array. */
export function encodeCursor(cursor: Cursor): string {
  return Buffer.from(JSON.stringify([cursor.key, cursor.id])).toString('base64url')
}

/** Returns the cursor that `encodeCursor` was given, or `null` for a text that it did not make. */
export function decodeCursor(text: string): Cursor | null {
  let value: unknown
  try {
    value = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))
  } catch {
    return null
  }
  const parsed = cursorSchema.safeParse(value)
  if (!parsed.success) return null
  const [key, id] = parsed.data
  const cursor = { key, id }
  // Node's decoder skips what is not base64url; only the one spelling that was handed out is taken back.
  return encodeCursor(cursor) === text ? cursor : null
}

/** Makes a page of `rows`, which were read with a limit of one more than `limit`: the extra row says that more follow. */
export function toPage<Row, Item>(
  rows: readonly Row[],
  limit: number,
  cursorOf: (row: Row) => Cursor,
  view: (row: Row) => Item,
): Page<Item> {
  const shown = rows.slice(0, limit)
  const last = rows.length > limit ? shown.at(-1) : undefined
  return { items: shown.map(view), nextCursor: last === undefined ? null : encodeCursor(cursorOf(last)) }
}
