import { type Cursor, decodeCursor } from '@boxoffice/core/db/cursor.ts'
import { Problem } from '@boxoffice/core/use-case/problem.ts'

/** Where the page before ended, as its `nextCursor` says; `null` for the first page. */
export function pageCursor(text: string | undefined): Cursor | null {
  if (text === undefined) return null
  const cursor = decodeCursor(text)
  if (cursor !== null) return cursor
  const detail = 'Must be the nextCursor of another page.'
  throw new Problem('invalid_request', { detail, errors: [{ pointer: '/cursor', detail }] })
}
