import { describe, expect, it } from 'vitest'
import { readAvailability } from '@boxoffice/core/availability/queries/read-availability.ts'
import { quote } from '@boxoffice/core/booking-requests/quote.ts'
import { findEvent, listEvents } from '@boxoffice/core/catalogue/queries/events-on-sale.ts'
import { listMovies } from '@boxoffice/core/catalogue/queries/list-movies.ts'
import { findShowtime, listShowtimes } from '@boxoffice/core/catalogue/queries/showtimes-on-sale.ts'
import { availabilityAt } from '@boxoffice/core/domain/availability.ts'
import type { Wish } from '@boxoffice/core/domain/wish.ts'
import { wishesOf } from '@boxoffice/core/domain/wish.ts'
import { givenEvent, givenShowtime } from '../support/catalogue.ts'
import { sharedDatabase } from '../support/database.ts'
import { seatsRequest, sharedEngine, ticketsRequest } from '../support/engine.ts'

/** The setting `SHOWTIME_SALES_END_MS` of these tests: another one than the default, so that a forgotten one shows. */
const SELLS_FOR_MS = 20 * 60_000
const terms = { showtimeSellsForMs: SELLS_FOR_MS }

const db = sharedDatabase()
const engine = sharedEngine(db, { terms })

const MINUTE_MS = 60_000
/** Times are this far from now, on either side of a boundary. */
const NEAR_MS = 30_000

/** The start of a show and the window that is set, in ms from now; `null` is none. Shows of both kinds last 100 minutes. */
interface Times {
  readonly starts: number
  readonly salesStart?: number | null
  readonly salesEnd?: number | null
}

type Said = 'open' | 'sale_not_started' | 'sale_ended' | 'in_the_past'

interface Case extends Times {
  readonly about: string
  readonly showtime: Said
  readonly event: Said
  /** The answer to the organizer's people; open unless given. */
  readonly house?: 'in_the_past'
}

const END = 100 * MINUTE_MS

const CASES: readonly Case[] = [
  { about: 'before the start', starts: NEAR_MS, showtime: 'open', event: 'open' },
  { about: 'at the start', starts: -NEAR_MS, showtime: 'open', event: 'open' },
  { about: 'just before a showtime ends its sale', starts: NEAR_MS - SELLS_FOR_MS, showtime: 'open', event: 'open' },
  { about: 'just after that', starts: -NEAR_MS - SELLS_FOR_MS, showtime: 'sale_ended', event: 'open' },
  { about: 'just before the end', starts: NEAR_MS - END, showtime: 'sale_ended', event: 'open' },
  {
    about: 'after the end',
    starts: -NEAR_MS - END,
    showtime: 'in_the_past',
    event: 'in_the_past',
    house: 'in_the_past',
  },
  {
    about: 'before the sale starts',
    starts: 60 * MINUTE_MS,
    salesStart: NEAR_MS,
    showtime: 'sale_not_started',
    event: 'sale_not_started',
  },
  { about: 'after it has', starts: 60 * MINUTE_MS, salesStart: -NEAR_MS, showtime: 'open', event: 'open' },
  { about: 'before an end that was set', starts: 60 * MINUTE_MS, salesEnd: NEAR_MS, showtime: 'open', event: 'open' },
  {
    about: 'after an end that was set',
    starts: 60 * MINUTE_MS,
    salesEnd: -NEAR_MS,
    showtime: 'sale_ended',
    event: 'sale_ended',
  },
  {
    about: 'long after the start, with a later end',
    starts: -60 * MINUTE_MS,
    salesEnd: NEAR_MS,
    showtime: 'open',
    event: 'open',
  },
  {
    about: 'after the end, with an end of the sale that is later still',
    starts: -NEAR_MS - END,
    salesEnd: 60 * MINUTE_MS,
    showtime: 'in_the_past',
    event: 'in_the_past',
    house: 'in_the_past',
  },
]

const query = (text: string, values: unknown[]) => db.database.pool.query(text, values)

/** Moves a show to where these times say. */
async function setTimes(id: string, { starts, salesStart = null, salesEnd = null }: Times): Promise<void> {
  const at = (parameter: string) => `clock_timestamp() + ${parameter}::float8 * interval '1 ms'`
  await query(`update showtimes set starts_at = ${at('$2')} where id = $1`, [id, starts])
  await query(`update events set starts_at = ${at('$2')}, ends_at = ${at('$3')} where id = $1`, [
    id,
    starts,
    starts + END,
  ])
  await query(`update resources set sales_start_at = ${at('$2')}, sales_end_at = ${at('$3')} where id = $1`, [
    id,
    salesStart,
    salesEnd,
  ])
}

const quoted = (
  resourceId: string,
  kind: 'showtime' | 'event',
  wishes: readonly Wish[],
  seller: 'public' | 'house',
) => {
  const request = {
    resourceId,
    kind,
    wishes,
    promoCode: null,
    expectedTotal: null,
    seller,
    blockId: null,
    customerKeys: [],
  }
  return quote(db.database.pool, request, { terms })
}

/** Returns what each part of the product says of a show: whether it can be bought now, and why not. */
async function ask(kind: 'showtime' | 'event', id: string, item: string) {
  const { pool } = db.database
  const everything = { movieId: null, venueId: null, from: null, to: null }
  const listed =
    kind === 'showtime'
      ? await listShowtimes(pool, everything, 100, null, SELLS_FOR_MS)
      : await listEvents(pool, 100, null)
  const found = kind === 'showtime' ? await findShowtime(pool, id, SELLS_FOR_MS) : await findEvent(pool, id)
  const reading = await readAvailability(pool, id)
  if (reading === null) throw new Error('there is no availability')
  const { availability } = availabilityAt(reading, Date.now(), SELLS_FOR_MS)
  const wanted = kind === 'showtime' ? { seats: [item] } : { tickets: [{ ticketTypeId: item, quantity: 1 }] }
  const wishes = wishesOf(wanted)
  const submission = (seller?: 'house') => {
    const overrides = seller === undefined ? {} : { payload: { seller } as never }
    return kind === 'showtime'
      ? seatsRequest(id, [item], overrides)
      : ticketsRequest(id, wanted.tickets ?? [], overrides)
  }
  const ofPublic = await quoted(id, kind, wishes, 'public')
  const ofHouse = await quoted(id, kind, wishes, 'house')
  const accepted = await engine.line.accept(submission())
  await engine.decideWaiting(0)
  const decided = await engine.line.find(accepted.view.id)
  return {
    isListed: listed.items.some((one) => 'id' in one && one.id === id),
    onSale: found !== null && 'onSale' in found && found.onSale,
    available: 'ticketTypes' in availability ? availability.ticketTypes[0]?.onSale : availability.onSale,
    quoted: ofPublic.refusal?.code ?? 'open',
    decided: decided?.view.refusal?.code ?? 'open',
    house: ofHouse.refusal?.code ?? 'open',
  }
}

describe.each(CASES)('$about', ({ showtime, event, house = 'open', ...times }) => {
  it.each([
    ['showtime', showtime],
    ['event', event],
  ] as const)('the list, the view, availability, quotes and decisions say the same of a %s', async (kind, said) => {
    const id = kind === 'showtime' ? await givenShowtime(db.database) : await givenEvent(db.database)
    const resourceId = 'showtimeId' in id ? id.showtimeId : id.eventId
    const item = 'showtimeId' in id ? id.seats[0] : id.ticketTypeIds[0]
    await setTimes(resourceId, times)
    const isOpen = said === 'open'
    expect(await ask(kind, resourceId, item ?? '')).toEqual({
      // A list shows what can be bought now or later.
      isListed: isOpen || said === 'sale_not_started',
      onSale: isOpen,
      available: isOpen,
      quoted: said,
      decided: said,
      house,
    })
  })
})

it('a movie is listed while one of its showtimes can be bought now or later', async () => {
  const { showtimeId, movieId } = await givenShowtime(db.database)
  const isListed = async () => {
    const { items } = await listMovies(db.database.pool, 100, { key: 0, id: beforeId(movieId) }, SELLS_FOR_MS)
    return items.some(({ id }) => id === movieId)
  }
  await setTimes(showtimeId, { starts: NEAR_MS - SELLS_FOR_MS })
  expect(await isListed()).toBe(true)
  await setTimes(showtimeId, { starts: -NEAR_MS - SELLS_FOR_MS })
  expect(await isListed()).toBe(false)
  await setTimes(showtimeId, { starts: -NEAR_MS - SELLS_FOR_MS, salesEnd: NEAR_MS })
  expect(await isListed()).toBe(true)
})

/** Returns an id just before this one. */
function beforeId(id: string): string {
  const last = Number.parseInt(id.slice(-6), 16)
  return `${id.slice(0, -6)}${(last === 0 ? 0 : last - 1).toString(16).padStart(6, '0')}`
}
