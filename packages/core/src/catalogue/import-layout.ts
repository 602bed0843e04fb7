/**
 * Importing an auditorium's seating. The same seating again is the version that is there; another one is a new version,
 * and showtimes keep theirs until they are moved (`update-showtime.ts`).
 *
 * Keeps: an auditorium has at most `maxVersions` of them.
 * Locks: the auditorium, so that two imports at once are told apart, and none is counted twice.
 */
import { hasAreas } from './queries/insert-areas.ts'
import { hasSeats } from './queries/insert-seats.ts'
import { type LatestLayout, readLatestLayout } from './queries/read-latest-layout.ts'
import type { Transaction } from '../db/transaction.ts'
import { writeLayout } from './create-layout.ts'
import type { PreparedLayout } from './prepare-layout.ts'
import type { Cause } from '../records/cause.ts'
import { lockThing } from './plain-thing.ts'
import { auditoriums } from './plain-things.ts'
import { Problem } from '../use-case/problem.ts'

export interface ImportLayout extends Cause {
  readonly auditoriumId: string
  /** Organizer that it must belong to; `null`, for admins, is any. */
  readonly organizerId: string | null
  readonly layout: PreparedLayout
  /** The most versions that one auditorium may have. */
  readonly maxVersions: number
}

export interface ImportedLayout {
  readonly version: number
  /** `false` where it is the version that was there. */
  readonly created: boolean
}

/**
 * Imports seating, unless it is the latest version already.
 *
 * @throws Problem `not_found` for the auditorium, `too_many_versions`, `overloaded`
 */
export async function importLayout(tx: Transaction, input: ImportLayout): Promise<ImportedLayout> {
  const { auditoriumId, layout, maxVersions } = input
  const { organizerId } = await lockThing(tx, auditoriums, auditoriumId, input.organizerId)
  const latest = await readLatestLayout(tx.client, auditoriumId)
  if (latest !== null) {
    if (await isSame(tx, latest, layout)) return { version: latest.version, created: false }
    if (latest.versions >= maxVersions) {
      const detail = `The auditorium has ${latest.versions} versions of its seating. Delete some that no showtime uses.`
      throw new Problem('too_many_versions', { detail, facts: { versions: latest.versions, limit: maxVersions } })
    }
  }
  const { version } = await writeLayout(tx, { ...input, organizerId })
  return { version, created: true }
}

async function isSame(tx: Transaction, latest: LatestLayout, layout: PreparedLayout): Promise<boolean> {
  const { id, seats, categories } = latest
  if (seats !== layout.seatCount || categories.length !== layout.categories.length) return false
  if (categories.some(({ name }, index) => name !== layout.categories[index])) return false
  const categoryIds = categories.map((category) => category.id)
  if (latest.focusX !== (layout.focus?.x ?? null) || latest.focusY !== (layout.focus?.y ?? null)) return false
  if (!(await hasAreas(tx.client, id, categoryIds, layout.areas))) return false
  for (const chunk of layout.chunks) if (!(await hasSeats(tx.client, id, categoryIds, chunk))) return false
  return true
}
