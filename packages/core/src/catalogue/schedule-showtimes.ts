/**
 * Making showtimes over HTTP: one, or a recurring set, all or none. Prices may name categories, times are the venue's.
 */
import { and, desc, eq } from '../db/drizzle.ts'
import { auditoriums, layouts, venues } from '../db/schema/index.ts'
import type { Transaction } from '../db/transaction.ts'
import { daysOf, type Recurrence, startsOf } from '../domain/recurrence.ts'
import type { ResourceInput } from './create-resource.ts'
import { createShowtime } from './create-showtime.ts'
import type { CreatedBy } from '../records/record-changes.ts'
import { notFound, Problem } from '../use-case/problem.ts'
import { type NamedPrice, readCategories, resolvePrices } from './showtime-prices.ts'

export interface ScheduleShowtimes extends CreatedBy, Omit<ResourceInput, 'id'> {
  readonly movieId: string
  readonly auditoriumId: string
  /** The auditorium's latest layout unless given. */
  readonly layoutVersion?: number | undefined
  readonly startsAt: Date | Recurrence
  readonly status?: 'draft' | 'active' | undefined
  readonly currency: string
  readonly maxSeatsPerBooking?: number | undefined
  readonly prices: readonly NamedPrice[]
  /** Ids in the order of the starts. */
  readonly idOf: (index: number) => string
}

/** Of one recurring set. */
const MAX_SHOWTIMES = 200
const MAX_DAYS = 731

/** @throws Problem `invalid_request`, `not_found` for the movie, the auditorium or the layout */
export async function scheduleShowtimes(tx: Transaction, input: ScheduleShowtimes): Promise<readonly string[]> {
  const { auditoriumId, organizerId, layoutVersion, startsAt, idOf, prices, ...terms } = input
  const [auditorium] = await tx.orm
    .select({ timeZone: venues.timeZone })
    .from(auditoriums)
    .innerJoin(venues, eq(venues.id, auditoriums.venueId))
    .where(and(eq(auditoriums.id, auditoriumId), eq(venues.organizerId, organizerId)))
  if (auditorium === undefined) throw notFound('auditorium')
  const layoutId = await requireLayout(tx, auditoriumId, layoutVersion)
  const resolved = resolvePrices(await readCategories(tx, layoutId), prices)
  const priced = [...resolved].flatMap(([categoryId, price]) => (price === null ? [] : [{ categoryId, price }]))

  const ids: string[] = []
  for (const start of startsAt instanceof Date ? [startsAt] : recurring(startsAt, auditorium.timeZone)) {
    const { showtimeId } = await createShowtime(tx, {
      ...terms,
      id: idOf(ids.length),
      organizerId,
      auditoriumId,
      layoutId,
      startsAt: start,
      prices: priced,
      allowUnpriced: true,
    })
    ids.push(showtimeId)
  }
  return ids
}

/**
 * The auditorium's layout of this version, the latest unless given. Locks it FOR KEY SHARE, so that nobody deletes it while
 * a showtime is being put on it.
 *
 * @throws Problem `invalid_request`
 */
export async function requireLayout(
  tx: Transaction,
  auditoriumId: string,
  version: number | undefined,
): Promise<string> {
  const [found] = await tx.orm
    .select({ id: layouts.id })
    .from(layouts)
    .where(
      and(eq(layouts.auditoriumId, auditoriumId), version === undefined ? undefined : eq(layouts.version, version)),
    )
    .orderBy(desc(layouts.version))
    .limit(1)
    .for('key share')
  if (found !== undefined) return found.id
  const problem =
    version === undefined
      ? { pointer: '/auditoriumId', detail: 'The auditorium has no layout yet.' }
      : { pointer: '/layoutVersion', detail: `The auditorium has no layout of version ${version}.` }
  throw new Problem('invalid_request', { errors: [problem] })
}

function recurring(recurrence: Recurrence, timeZone: string): Date[] {
  const refuse = (pointer: string, detail: string) => new Problem('invalid_request', { errors: [{ pointer, detail }] })
  const days = daysOf(recurrence)
  if (Number.isNaN(days)) throw refuse('/recurrence', 'The first or the last day is no day of the calendar.')
  if (days < 1) throw refuse('/recurrence/until', 'The last day must not be before the first.')
  if (days > MAX_DAYS) throw refuse('/recurrence/until', `A recurring set covers at most ${MAX_DAYS} days.`)
  const starts = startsOf(recurrence, timeZone)
  if (starts.length === 0) throw refuse('/recurrence/days', 'None of these days is between the first and the last.')
  if (starts.length > MAX_SHOWTIMES) {
    throw refuse('/recurrence', `A recurring set has at most ${MAX_SHOWTIMES} showtimes, this one ${starts.length}.`)
  }
  return starts
}
