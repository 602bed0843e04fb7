import { asc, eq } from '@boxoffice/core/db/drizzle.ts'
import { beforeEach, describe, expect, it } from 'vitest'
import {
  audit,
  organizers,
  promoCodeResources,
  promoCodes,
  promoCodeState,
  resources,
  resourceState,
  seats,
  categoryPrices,
  ticketTypes,
  ticketTypeState,
  lines,
} from '@boxoffice/core/db/schema/index.ts'
import { inTransaction, type Transaction } from '@boxoffice/core/db/transaction.ts'
import { laneFor } from '@boxoffice/core/domain/lane.ts'
import { createThing } from '@boxoffice/core/catalogue/plain-thing.ts'
import { auditoriums, movies, organizers as organizerThing, venues } from '@boxoffice/core/catalogue/plain-things.ts'
import { createEvent } from '@boxoffice/core/catalogue/create-event.ts'
import { createLayout } from '@boxoffice/core/catalogue/create-layout.ts'
import { createPromoCode } from '@boxoffice/core/catalogue/create-promo-code.ts'
import { createShowtime } from '@boxoffice/core/catalogue/create-showtime.ts'
import type { LayoutRow, LayoutSeat } from '@boxoffice/core/catalogue/prepare-layout.ts'
import { newId } from '@boxoffice/core/runtime/new-id.ts'
import { givenEvent, givenOrganizer, givenPromoCode, givenShowtime } from '../support/catalogue.ts'
import { TEST_LANES } from '../support/lanes.ts'
import { sharedDatabase } from '../support/database.ts'
import { isProblem } from '@boxoffice/core/use-case/problem.ts'

const BY = { actor: 'organizer-1', requestId: 'http-1' }

let organizerId: string
const db = sharedDatabase()
beforeEach(async () => {
  organizerId = (await givenOrganizer(db.database)).organizerId
})

const write = <T>(work: (tx: Transaction) => Promise<T>) => inTransaction(db.database, work)

/** Returns everything that is wrong with the input, by pointer. */
async function problemsOf(work: Promise<unknown>): Promise<Record<string, string>> {
  try {
    await work
  } catch (error) {
    if (!isProblem(error, 'invalid_request')) throw error
    return Object.fromEntries(error.errors.map(({ pointer, detail }) => [pointer, detail]))
  }
  throw new Error('nothing was refused')
}

function auditOf(entityId: string) {
  return db.database.orm.select().from(audit).where(eq(audit.entityId, entityId))
}

async function givenAuditorium(): Promise<string> {
  return write(async (tx) => {
    const venueId = await createThing(tx, venues, BY, { organizerId, name: 'Cinema', timeZone: 'Europe/Lisbon' })
    return createThing(tx, auditoriums, BY, { organizerId, venueId, name: 'One' })
  })
}

const seat = (number: number, more: Partial<LayoutSeat> = {}): LayoutSeat => ({
  number,
  x: number,
  y: 0,
  category: 'Standard',
  ...more,
})

function layoutOf(auditoriumId: string, rows: readonly LayoutRow[], categories: readonly string[] = ['Standard']) {
  return write((tx) => createLayout(tx, { ...BY, organizerId, auditoriumId, categories, rows }))
}

describe('every use case', () => {
  it('takes an explicit id', async () => {
    const id = newId()
    expect(await write((tx) => createThing(tx, organizerThing, BY, { id, name: 'Fixed' }))).toBe(id)
  })

  it('writes who did what into the audit', async () => {
    const movieId = await write((tx) =>
      createThing(tx, movies, BY, { organizerId, title: 'A Film', durationMinutes: 90, rating: '12' }),
    )
    expect(await auditOf(movieId)).toMatchObject([
      {
        organizerId,
        actor: 'organizer-1',
        action: 'movie.created',
        entity: 'movie',
        entityId: movieId,
        before: null,
        after: { title: 'A Film', durationMinutes: 90, rating: '12' },
        requestId: 'http-1',
      },
    ])
  })

  it('writes nothing, not even to the audit, when its transaction is rolled back', async () => {
    const id = newId()
    const failing = write(async (tx) => {
      await createThing(tx, organizerThing, BY, { id, name: 'Gone' })
      throw new Error('later')
    })
    await expect(failing).rejects.toThrow('later')
    expect(await auditOf(id)).toEqual([])
    expect(await db.database.orm.select().from(organizers).where(eq(organizers.id, id))).toEqual([])
  })

  it('does not see what belongs to another organizer', async () => {
    const other = (await givenOrganizer(db.database)).organizerId
    const { showtimeId, movieId, auditoriumId } = await givenShowtime(db.database, { organizerId: other })
    const auditorium = await givenAuditorium()
    await layoutOf(auditorium, [{ label: 'A', seats: [seat(1)] }])
    const prices = [{ category: 'Standard', price: 1 }]
    const showtime = { ...BY, organizerId, lanes: 8, startsAt: new Date(), currency: 'EUR', prices }
    const attempts = [
      () => write((tx) => createThing(tx, venues, BY, { organizerId: newId(), name: 'V', timeZone: 'UTC' })),
      () => write((tx) => createThing(tx, auditoriums, BY, { organizerId, venueId: newId(), name: 'A' })),
      () => layoutOf(auditoriumId, [{ label: 'A', seats: [seat(1)] }]),
      () => write((tx) => createShowtime(tx, { ...showtime, movieId, auditoriumId: auditorium })),
      () =>
        write((tx) =>
          createPromoCode(tx, { ...BY, organizerId, code: 'X', kind: 'percent', value: 1, resourceIds: [showtimeId] }),
        ),
    ]
    for (const attempt of attempts) await expect(attempt()).rejects.toMatchObject({ code: 'not_found' })
  })
})

describe('a layout', () => {
  it('keeps seats in the order of its description', async () => {
    const auditoriumId = await givenAuditorium()
    const { layoutId, version, categories } = await layoutOf(
      auditoriumId,
      [
        { label: 'B', seats: [seat(2, { x: 1.5, y: -0.25 }), seat(1, { accessible: true })] },
        { label: '12-', seats: [seat(5, { category: 'Premium', disabled: true })] },
      ],
      ['Standard', 'Premium'],
    )
    expect(version).toBe(1)
    const [standard, premium] = categories
    const rows = await db.database.orm
      .select()
      .from(seats)
      .where(eq(seats.layoutId, layoutId))
      .orderBy(asc(seats.position))
    expect(rows).toMatchObject([
      {
        label: 'B2',
        rowLabel: 'B',
        number: 2,
        position: 1,
        x: 1.5,
        y: -0.25,
        categoryId: standard?.id,
        disabled: false,
      },
      { label: 'B1', position: 2, accessible: true },
      { label: '12-5', rowLabel: '12-', position: 3, categoryId: premium?.id, disabled: true, accessible: false },
    ])
  })

  it('gets the next version, also when two are made at once', async () => {
    const auditoriumId = await givenAuditorium()
    const rows = [{ label: 'A', seats: [seat(1)] }]
    const versions = await Promise.all(Array.from({ length: 5 }, () => layoutOf(auditoriumId, rows)))
    expect(new Set(versions.map(({ version }) => version))).toEqual(new Set([1, 2, 3, 4, 5]))
  })

  it('names the row and the seat that are at fault', async () => {
    const auditoriumId = await givenAuditorium()
    const problems = await problemsOf(
      layoutOf(auditoriumId, [
        { label: 'A', seats: [seat(1), seat(2), seat(1, { x: 3 })] },
        { label: ' ', seats: [] },
        { label: 'C\u200B', seats: [] },
        { label: 'A', seats: [seat(7, { category: 'Balcony' }), seat(0), seat(8, { x: Number.NaN })] },
      ]),
    )
    expect(problems).toEqual({
      '/rows/0/seats/2/number': 'Row 1 (A), seat 1: the label A1 is used more than once.',
      '/rows/1/label': expect.stringContaining("Row 2 ( ): a row's label is text"),
      '/rows/1/seats': 'Row 2 ( ): it has no seats.',
      '/rows/2/label': expect.stringContaining('without control or invisible characters'),
      '/rows/2/seats': 'Row 3 (C\u200B): it has no seats.',
      '/rows/3/label': 'Row 4 (A): an earlier row has this label.',
      '/rows/3/seats/0/category': 'Row 4 (A), seat 7: there is no category Balcony in this layout.',
      '/rows/3/seats/1/number': expect.stringContaining('Row 4 (A), seat 0'),
      '/rows/3/seats/2': expect.stringContaining('Row 4 (A), seat 8: x and y'),
    })
  })

  it('has seats and categories, each category once', async () => {
    const auditoriumId = await givenAuditorium()
    expect(Object.keys(await problemsOf(layoutOf(auditoriumId, [], [])))).toEqual(['/categories', '/rows'])
    const twice = layoutOf(auditoriumId, [{ label: 'A', seats: [seat(1)] }], ['Standard', 'Standard'])
    expect(await problemsOf(twice)).toEqual({ '/categories/1': 'Category Standard is listed more than once.' })
  })

  it('takes 20,000 seats quickly, and no more than 200,000', async () => {
    const auditoriumId = await givenAuditorium()
    const numbers = Array.from({ length: 200 }, (_, index) => index + 1)
    const all = Array.from({ length: 1_000 }, (_, index) => ({
      label: `${index + 1}-`,
      seats: numbers.map((number) => seat(number, { y: index })),
    }))
    const rows = all.slice(0, 100)
    const started = performance.now()
    const { layoutId } = await layoutOf(auditoriumId, rows)
    // Takes about a tenth of this; one INSERT a seat takes more than twice of it.
    expect(performance.now() - started).toBeLessThan(5_000)
    expect(await db.database.orm.$count(seats, eq(seats.layoutId, layoutId))).toBe(20_000)

    const tooMany = [...all, { label: 'X', seats: [seat(1)] }]
    expect(await problemsOf(layoutOf(auditoriumId, tooMany))).toEqual({
      '/rows': 'A layout has 1 to 200000 seats, this one 200001.',
    })
  })
})

describe('a showtime', () => {
  it('is a resource with a state and a line, in the lane of its id', async () => {
    const { movieId, auditoriumId, categoryIds, ...given } = await givenShowtime(db.database)
    const { showtimeId, lane, layoutId } = await write((tx) =>
      createShowtime(tx, {
        ...BY,
        organizerId: given.organizerId,
        lanes: TEST_LANES,
        movieId,
        auditoriumId,
        startsAt: new Date(),
        currency: 'EUR',
        prices: categoryIds.map((categoryId) => ({ categoryId, price: 0 })),
      }),
    )
    expect(lane).toBe(laneFor(showtimeId, TEST_LANES))
    expect(layoutId).toBe(given.layoutId)
    expect(await db.database.orm.select().from(resources).where(eq(resources.id, showtimeId))).toMatchObject([
      { kind: 'showtime', organizerId: given.organizerId, holdTtlMs: 600_000 },
    ])
    expect(await db.database.orm.select().from(resourceState).where(eq(resourceState.resourceId, showtimeId))).toEqual([
      {
        resourceId: showtimeId,
        version: 0,
        changedAt: null,
        closingAt: null,
        closedAt: null,
        watermark: 0,
        paused: false,
        decidedPerSecond: 0,
        decidedAt: new Date(0),
      },
    ])
    expect(await db.database.orm.select().from(lines).where(eq(lines.resourceId, showtimeId))).toEqual([
      { resourceId: showtimeId, next: 1, draining: false },
    ])
    const prices = db.database.orm.select().from(categoryPrices).where(eq(categoryPrices.resourceId, showtimeId))
    expect(await prices).toEqual([{ resourceId: showtimeId, rates: {}, categoryId: categoryIds[0], price: 0 }])
  })

  it('can be given a lane of its own, but none that nobody decides', async () => {
    const { showtimeId, lane } = await givenShowtime(db.database, { lane: 5 })
    expect(lane).toBe(5)
    expect(laneFor(showtimeId, TEST_LANES), 'its id was drawn for it').toBe(5)
    expect(await problemsOf(givenShowtime(db.database, { lane: TEST_LANES }))).toEqual({
      '/lane': `There is no lane ${TEST_LANES}.`,
    })
  })

  it('keeps the layout it was created with', async () => {
    const { auditoriumId, movieId, layoutId, ...given } = await givenShowtime(db.database)
    organizerId = given.organizerId
    const next = await layoutOf(auditoriumId, [{ label: 'A', seats: [seat(1)] }])
    const showtime = { ...BY, organizerId, lanes: 8, movieId, auditoriumId, startsAt: new Date(), currency: 'EUR' }
    const prices = [{ category: 'Standard', price: null }]
    const create = (layoutVersion?: number) => write((tx) => createShowtime(tx, { ...showtime, layoutVersion, prices }))
    expect((await create()).layoutId).toBe(next.layoutId)
    expect((await create(1)).layoutId).toBe(layoutId)
    expect(Object.keys(await problemsOf(create(3)))).toEqual(['/layoutVersion'])
  })

  it('prices every category once, in minor units, unless told otherwise', async () => {
    const { movieId, auditoriumId, categoryIds, ...given } = await givenShowtime(db.database, {
      categories: [{ name: 'Front', price: 1 }, { name: 'Back' }],
    })
    const front = categoryIds[0] ?? ''
    const stranger = newId()
    const create = (prices: { categoryId: string; price: number }[]) =>
      write((tx) =>
        createShowtime(tx, {
          ...BY,
          organizerId: given.organizerId,
          lanes: 8,
          movieId,
          auditoriumId,
          startsAt: new Date(),
          currency: 'EUR',
          prices,
        }),
      )
    expect(await problemsOf(create([{ categoryId: front, price: 100 }]))).toEqual({
      '/prices': 'Category Back has no price; null says that it is not for sale.',
    })
    const faulty = [
      { categoryId: front, price: 1 },
      { categoryId: front, price: 9 },
      { categoryId: stranger, price: 2 },
    ]
    expect(Object.keys(await problemsOf(create(faulty)))).toEqual([
      '/prices/1/categoryId',
      '/prices/2/categoryId',
      '/prices',
    ])
  })
})

describe('an event', () => {
  it('has its ticket types with their counters, and an audit row for each', async () => {
    const saleStartsAt = new Date('2026-01-01T00:00:00Z')
    const { eventId, ticketTypeIds } = await givenEvent(db.database, {
      ticketTypes: [
        { name: 'VIP', price: 9900, capacity: 5, maxPerBooking: 2, maxPerCustomer: 2, saleStartsAt },
        { name: 'Child', price: 0, capacity: 0, active: false },
      ],
    })
    const types = db.database.orm
      .select()
      .from(ticketTypes)
      .innerJoin(ticketTypeState, eq(ticketTypeState.ticketTypeId, ticketTypes.id))
      .where(eq(ticketTypes.eventId, eventId))
      .orderBy(asc(ticketTypes.position))
    expect(await types).toMatchObject([
      {
        ticket_types: {
          id: ticketTypeIds[0],
          name: 'VIP',
          position: 0,
          saleStartsAt,
          saleEndsAt: null,
          maxPerCustomer: 2,
        },
        ticket_type_state: { capacity: 5, sold: 0 },
      },
      {
        ticket_types: { id: ticketTypeIds[1], price: 0, active: false, minPerBooking: 1, maxPerBooking: 10 },
        ticket_type_state: { capacity: 0, sold: 0 },
      },
    ])
    for (const id of ticketTypeIds) expect(await auditOf(id)).toMatchObject([{ action: 'ticket_type.created' }])
    const actions = (await auditOf(eventId)).map(({ action }) => action)
    expect(actions.toSorted()).toEqual(['event.created', 'event.published'])
  })

  it('may be a draft without ticket types', async () => {
    const { eventId } = await write((tx) =>
      createEvent(tx, {
        ...BY,
        organizerId,
        lanes: TEST_LANES,
        title: 'Later',
        venue: 'The Hall',
        timeZone: 'UTC',
        startsAt: new Date(1),
        endsAt: new Date(2),
        currency: 'JPY',
        ticketTypes: [],
      }),
    )
    expect(await auditOf(eventId)).toHaveLength(1)
  })
})

describe('a promo code', () => {
  it('is kept in its normal form, with its counter and its scope', async () => {
    const { showtimeId } = await givenShowtime(db.database, { organizerId })
    const { promoCodeId } = await givenPromoCode(db.database, {
      organizerId,
      code: ' summer-10 ',
      kind: 'fixed',
      value: 1000,
      maxRedemptions: 3,
      resourceIds: [showtimeId, showtimeId],
    })
    const { orm } = db.database
    expect(await orm.select().from(promoCodes).where(eq(promoCodes.id, promoCodeId))).toMatchObject([
      { code: 'SUMMER-10', kind: 'fixed', value: 1000, currency: 'EUR', active: true },
    ])
    expect(await orm.select().from(promoCodeState).where(eq(promoCodeState.promoCodeId, promoCodeId))).toEqual([
      { promoCodeId, maxRedemptions: 3, redeemed: 0, maxTickets: null, tickets: 0 },
    ])
    expect(await orm.select().from(promoCodeResources).where(eq(promoCodeResources.promoCodeId, promoCodeId))).toEqual([
      { promoCodeId, resourceId: showtimeId },
    ])
  })

  it('is unique for its organizer, in any case', async () => {
    await givenPromoCode(db.database, { organizerId, code: 'once' })
    await expect(givenPromoCode(db.database, { organizerId, code: 'ONCE' })).rejects.toMatchObject({
      code: 'already_exists',
    })
    const other = await givenOrganizer(db.database)
    await givenPromoCode(db.database, { organizerId: other.organizerId, code: 'ONCE' })
  })
})
