import { and, asc, desc, eq } from '../db/drizzle.ts'
import { layouts, seatCategories, showtimePrices, showtimes } from '../db/schema/index.ts'
import type { Transaction } from '../db/transaction.ts'
import type { Minor } from '../domain/money.ts'
import { checkResource, createResource, type ResourceInput } from './create-resource.ts'
import { FieldErrors } from './field-errors.ts'
import { requireAuditorium, requireMovie } from './ownership.ts'
import { type CreatedBy, recordNewResource } from '../records/record-changes.ts'
import { notFound } from '../use-case/problem.ts'
import { requireCurrency, requireInstant, requireInteger, requirePrice } from './rules.ts'

export interface CategoryPrice {
  readonly categoryId: string
  /** Minor units of the showtime's currency. */
  readonly price: Minor
}

export interface CreateShowtime extends CreatedBy, ResourceInput {
  readonly movieId: string
  readonly auditoriumId: string
  /** The auditorium's latest layout unless given. */
  readonly layoutId?: string | undefined
  readonly startsAt: Date
  /** `draft` unless given. */
  readonly status?: 'draft' | 'active' | 'cancelled' | undefined
  readonly currency: string
  /** 10 unless given. */
  readonly maxSeatsPerBooking?: number | undefined
  readonly prices: readonly CategoryPrice[]
  /** Seats of a category without a price are not for sale; an error unless this is set. */
  readonly allowUnpriced?: boolean | undefined
}

export interface CreatedShowtime {
  readonly showtimeId: string
  readonly layoutId: string
  readonly lane: number
}

/** @throws Problem `invalid_request`, `not_found` for the movie, the auditorium or the layout */
export async function createShowtime(tx: Transaction, input: CreateShowtime): Promise<CreatedShowtime> {
  const { organizerId, movieId, auditoriumId, startsAt, status = 'draft', currency, maxSeatsPerBooking = 10 } = input
  const problems = new FieldErrors()
  checkResource(problems, input)
  requireInstant(problems, '/startsAt', startsAt)
  requireCurrency(problems, '/currency', currency)
  requireInteger(problems, '/maxSeatsPerBooking', maxSeatsPerBooking, 1, 100)
  problems.throwIfAny()
  await requireMovie(tx, organizerId, movieId)
  await requireAuditorium(tx, organizerId, auditoriumId)
  const layoutId = await findLayout(tx, auditoriumId, input.layoutId)
  await checkPrices(tx, layoutId, input.prices, input.allowUnpriced ?? false)

  const { id: showtimeId, lane, ...terms } = await createResource(tx, 'showtime', input)
  const row = { movieId, auditoriumId, layoutId, startsAt, status, currency, maxSeatsPerBooking }
  await tx.orm.insert(showtimes).values({ id: showtimeId, ...row })
  if (input.prices.length > 0) {
    await tx.orm
      .insert(showtimePrices)
      .values(input.prices.map(({ categoryId, price }) => ({ showtimeId, categoryId, price })))
  }
  const after = { ...row, lane, ...terms, prices: input.prices }
  await recordNewResource(tx, input, { organizerId, entity: 'showtime', entityId: showtimeId, after })
  return { showtimeId, layoutId, lane }
}

async function findLayout(tx: Transaction, auditoriumId: string, layoutId: string | undefined): Promise<string> {
  const [layout] = await tx.orm
    .select({ id: layouts.id })
    .from(layouts)
    .where(and(eq(layouts.auditoriumId, auditoriumId), layoutId === undefined ? undefined : eq(layouts.id, layoutId)))
    .orderBy(desc(layouts.version))
    .limit(1)
    // Until the commit: nobody deletes a layout while a showtime is being put on it.
    .for('key share')
  if (layout === undefined) throw notFound('layout')
  return layout.id
}

/** Every category has one price, every price a category. */
async function checkPrices(
  tx: Transaction,
  layoutId: string,
  prices: readonly CategoryPrice[],
  allowUnpriced: boolean,
): Promise<void> {
  const categories = await tx.orm
    .select({ id: seatCategories.id, name: seatCategories.name })
    .from(seatCategories)
    .where(eq(seatCategories.layoutId, layoutId))
    .orderBy(asc(seatCategories.position))
  const known = new Set(categories.map(({ id }) => id))
  const priced = new Set<string>()
  const problems = new FieldErrors()
  for (const [index, { categoryId, price }] of prices.entries()) {
    const pointer = `/prices/${index}`
    requirePrice(problems, `${pointer}/price`, price)
    problems.require(known.has(categoryId), `${pointer}/categoryId`, `${categoryId} is no category of the layout.`)
    problems.require(!priced.has(categoryId), `${pointer}/categoryId`, `${categoryId} has more than one price.`)
    priced.add(categoryId)
  }
  for (const { id, name } of categories) {
    problems.require(allowUnpriced || priced.has(id), '/prices', `Category ${name} has no price.`)
  }
  problems.throwIfAny()
}
