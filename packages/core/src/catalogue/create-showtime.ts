/**
 * Making showtimes: one, or a recurring set, all or none. Prices may name categories, times are the venue's.
 *
 * Locks: the layout FOR KEY SHARE, so that nobody deletes it while a showtime is being put on it.
 */
import { and, desc, eq } from '../db/drizzle.ts'
import { auditoriums, layouts, showtimes, venues } from '../db/schema/index.ts'
import type { Transaction } from '../db/transaction.ts'
import { daysOf, type Recurrence, startsOf } from '../domain/recurrence.ts'
import { type New, withDefaults } from '../fields/field.ts'
import { type SHOWTIME, SHOWTIME_ROW } from '../fields/showtime.ts'
import { recordNewResource } from '../records/record-changes.ts'
import { notFound, Problem } from '../use-case/problem.ts'
import { createResource, inLane, type NewResource, newIdWhere } from './create-resource.ts'
import { requireOwned } from './ownership.ts'
import { placeAreas } from './place-areas.ts'
import { insertPrices, readCategories, resolvePrices } from './category-prices.ts'

interface NewShowtimes extends Omit<NewResource, 'id'>, Omit<New<typeof SHOWTIME>, 'startsAt'> {
  readonly movieId: string
  readonly auditoriumId: string
}

export interface CreateShowtime extends NewShowtimes {
  readonly id?: string | undefined
  readonly startsAt: Date
}

export interface ScheduleShowtimes extends NewShowtimes {
  readonly startsAt: Date | Recurrence
  /** Ids in the order of the starts. */
  readonly idOf: (index: number) => string
}

export interface CreatedShowtime {
  readonly showtimeId: string
  readonly layoutId: string
  readonly lane: number
}

/** Limit of one recurring set. */
const MAX_SHOWTIMES = 200
const MAX_DAYS = 731

/**
 * Makes one showtime.
 *
 * @throws Problem `invalid_request`, `not_found` for the movie or the auditorium
 */
export async function createShowtime(tx: Transaction, input: CreateShowtime): Promise<CreatedShowtime> {
  const id = input.id ?? newIdWhere(inLane(input.lane, input.lanes))
  const [created] = await scheduleShowtimes(tx, { ...input, idOf: () => id })
  if (created === undefined) throw new Error('no showtime was made')
  return created
}

/**
 * Makes a showtime, or one for each start of a recurrence: all or none.
 *
 * @throws Problem `invalid_request`, `not_found` for the movie or the auditorium
 */
export async function scheduleShowtimes(tx: Transaction, input: ScheduleShowtimes): Promise<CreatedShowtime[]> {
  const { movieId, auditoriumId, organizerId, startsAt, idOf } = input
  const [auditorium] = await tx.orm
    .select({ timeZone: venues.timeZone })
    .from(auditoriums)
    .innerJoin(venues, eq(venues.id, auditoriums.venueId))
    .where(and(eq(auditoriums.id, auditoriumId), eq(venues.organizerId, organizerId)))
  if (auditorium === undefined) throw notFound('auditorium')
  const layoutId = await requireLayout(tx, auditoriumId, input.layoutVersion)
  const resolved = resolvePrices(await readCategories(tx, layoutId), input.prices, input.rates ?? [])
  const prices = [...resolved].flatMap(([categoryId, price]) => (price === null ? [] : [{ categoryId, ...price }]))
  const starts = startsAt instanceof Date ? [startsAt] : recurring(startsAt, auditorium.timeZone)
  await requireOwned(tx, 'movie', organizerId, movieId)

  const created: CreatedShowtime[] = []
  for (const [index, start] of starts.entries()) {
    const { id, lane, terms } = await createResource(tx, 'showtime', { ...input, id: idOf(index) })
    const row = { movieId, auditoriumId, layoutId, ...withDefaults(SHOWTIME_ROW, { ...input, startsAt: start }) }
    await tx.orm.insert(showtimes).values({ id, ...row })
    await insertPrices(tx, id, resolved)
    await placeAreas(tx, id, layoutId)
    const after = { ...row, lane, ...terms, prices }
    await recordNewResource(tx, input, { organizerId, type: 'showtime.created', entityId: id, after })
    created.push({ showtimeId: id, layoutId, lane })
  }
  return created
}

/**
 * Returns the auditorium's layout of this version, the latest unless given, and locks it FOR KEY SHARE until the commit.
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
  if (version === undefined) throw refusal('/auditoriumId', 'The auditorium has no layout yet.')
  throw refusal('/layoutVersion', `The auditorium has no layout of version ${version}.`)
}

function recurring(recurrence: Recurrence, timeZone: string): Date[] {
  const days = daysOf(recurrence)
  if (Number.isNaN(days)) throw refusal('/recurrence', 'The first or the last day is no day of the calendar.')
  if (days < 1) throw refusal('/recurrence/until', 'The last day must not be before the first.')
  if (days > MAX_DAYS) throw refusal('/recurrence/until', `A recurring set covers at most ${MAX_DAYS} days.`)
  const starts = startsOf(recurrence, timeZone)
  if (starts.length === 0) throw refusal('/recurrence/days', 'None of these days is between the first and the last.')
  if (starts.length > MAX_SHOWTIMES) {
    throw refusal('/recurrence', `A recurring set has at most ${MAX_SHOWTIMES} showtimes, this one ${starts.length}.`)
  }
  return starts
}

const refusal = (pointer: string, detail: string) => new Problem('invalid_request', { errors: [{ pointer, detail }] })
