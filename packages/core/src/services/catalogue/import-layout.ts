/**
 * Importing an auditorium's seating. The same seating again is the version that is there; another one is a new version,
 * and showtimes keep theirs until they are moved (`update-showtime.ts`).
 *
 * Locks: the auditorium, so that two imports at once are told apart.
 */
import { isDeepStrictEqual } from 'node:util'
import type { Transaction } from '../../db/transaction.ts'
import { createLayout } from './create-layout.ts'
import { checkLayout, type LayoutRow } from './layout-rows.ts'
import { readLayoutRows } from './read-layout-rows.ts'
import type { CreatedBy } from './record-changes.ts'
import { lockAuditorium } from './update-auditorium.ts'

export interface ImportLayout extends CreatedBy {
  readonly auditoriumId: string
  /** Whose it must be; `null`, for admins, is anybody's. */
  readonly organizerId: string | null
  readonly categories: readonly string[]
  readonly rows: readonly LayoutRow[]
}

export interface ImportedLayout {
  readonly version: number
  /** `false` where it is the version that was there. */
  readonly created: boolean
}

/** @throws InvalidCatalogueError naming the faulty rows and seats, NotFoundError for the auditorium */
export async function importLayout(tx: Transaction, input: ImportLayout): Promise<ImportedLayout> {
  const { auditoriumId, categories, rows } = input
  checkLayout(categories, rows)
  const { organizerId } = await lockAuditorium(tx, auditoriumId, input.organizerId)
  const latest = await readLayoutRows(tx, auditoriumId)
  if (latest !== null) {
    const names = latest.categories.map(({ name }) => name)
    if (isDeepStrictEqual(names, categories) && isDeepStrictEqual(latest.rows, asStored(rows))) {
      return { version: latest.version, created: false }
    }
  }
  const { version } = await createLayout(tx, { ...input, organizerId })
  return { version, created: true }
}

/** Positions are kept in single precision. */
function asStored(rows: readonly LayoutRow[]): LayoutRow[] {
  return rows.map(({ label, seats }) => ({
    label,
    seats: seats.map(({ number, x, y, category, disabled = false, accessible = false }) => ({
      number,
      x: shortest(x),
      y: shortest(y),
      category,
      disabled,
      accessible,
    })),
  }))
}

/** As PostgreSQL writes a `real`: the shortest decimal that is read back as the same. */
function shortest(value: number): number {
  const single = Math.fround(value)
  for (let digits = 1; digits < 9; digits += 1) {
    const text = Number(single.toPrecision(digits))
    if (Math.fround(text) === single) return text === 0 ? 0 : text
  }
  return Number(single.toPrecision(9))
}
