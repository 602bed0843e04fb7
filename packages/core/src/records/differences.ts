import { isDeepStrictEqual } from 'node:util'

export interface Differences<Row> {
  readonly before: Partial<Row>
  readonly after: Partial<Row>
}

/** Returns the changes that `wanted` makes to `current`, for the update and for the audit; `null` where there are none. */
export function differences<Row extends object>(
  current: Row,
  wanted: { readonly [Key in keyof Row]?: Row[Key] | undefined },
): Differences<Row> | null {
  const before: Partial<Row> = {}
  const after: Partial<Row> = {}
  for (const key of keysOf(current)) {
    const value = wanted[key]
    if (value === undefined || isDeepStrictEqual(current[key], value)) continue
    before[key] = current[key]
    after[key] = value
  }
  return Object.keys(after).length === 0 ? null : { before, after }
}

function keysOf<Row extends object>(row: Row): (keyof Row)[] {
  // Rows are made of columns alone, so what is there is what the type says.
  return Object.keys(row) as (keyof Row)[]
}
