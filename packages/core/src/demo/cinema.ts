import { SYSTEM } from '../records/cause.ts'
import { eq } from '../db/drizzle.ts'
import { seatCategories } from '../db/schema/index.ts'
import type { Transaction } from '../db/transaction.ts'
import type { Minor } from '../domain/money/money.ts'
import { createThing } from '../catalogue/plain-thing.ts'
import { auditoriums, movies, venues } from '../catalogue/plain-things.ts'
import { createLayout } from '../catalogue/create-layout.ts'
import { createShowtime } from '../catalogue/create-showtime.ts'
import type { NamedPrice } from '../catalogue/category-prices.ts'
import { demoId } from './demo-id.ts'
import { DEMO_ORGANIZER_ID } from './demo-organizer.ts'
import { GRAND, STUDIO, type DemoLayout } from './layouts.ts'

const BY = { ...SYSTEM, organizerId: DEMO_ORGANIZER_ID }
const TIME_ZONE = 'Europe/Lisbon'
const CURRENCY = 'EUR'
/** Today and the next seven days, so that there is always a whole week ahead. */
const DAYS = 8
/** Minimum time before the start of a new showtime on sale. */
const LEAD_MS = 2 * 60 * 60 * 1000
const DAY_MS = 24 * 60 * 60 * 1000
/** 20:00 UTC. */
const EVENING_MS = 20 * 60 * 60 * 1000

interface DemoAuditorium {
  readonly key: string
  readonly name: string
  readonly layout: DemoLayout
  /** Local start times of a day. */
  readonly times: readonly string[]
  /** Evening prices from Monday to Thursday, in cents, by category. */
  readonly prices: Readonly<Record<string, Minor>>
}

const AUDITORIUMS: readonly DemoAuditorium[] = [
  {
    key: 'grand',
    name: 'Grand',
    layout: GRAND,
    times: ['14:00', '17:00', '20:00', '22:45'],
    prices: { Front: 950, Standard: 1200, Premium: 1550 },
  },
  {
    key: 'studio',
    name: 'Studio',
    layout: STUDIO,
    times: ['15:30', '18:15', '21:00'],
    prices: { Standard: 1050, Premium: 1300, Sofa: 1700 },
  },
]

const MOVIES = [
  {
    title: 'The Salt Cartographer',
    durationMinutes: 128,
    rating: '12',
    synopsis: 'A mapmaker is sent to measure a coast that moves every night, and begins to draw where it is going.',
  },
  {
    title: 'Eleven Minutes of Rain',
    durationMinutes: 97,
    rating: '6',
    synopsis: 'One shower over one town square, told by everybody who happened to stand under the same awning.',
  },
  {
    title: 'Night Shift at the Observatory',
    durationMinutes: 112,
    rating: '12',
    synopsis: 'Two astronomers who cannot stand each other find a signal that only answers when they agree.',
  },
  {
    title: 'Grandmother Builds a Submarine',
    durationMinutes: 91,
    rating: '0',
    synopsis: 'She has a garage, a welding torch and a map with a cross in the middle of the lake.',
  },
  {
    title: 'The Quiet Heist',
    durationMinutes: 119,
    rating: '16',
    synopsis: 'Four retired sound engineers rob the loudest casino in the country without making a noise.',
  },
  {
    title: 'A Winter for Two Violins',
    durationMinutes: 104,
    rating: '6',
    synopsis: 'A luthier in the mountains gets the same broken violin twice, from two people who have never met.',
  },
] as const

/** Creates the cinema, its two auditoriums and the movies, once. */
export async function createCinema(tx: Transaction): Promise<void> {
  const venueId = demoId('venue')
  await createThing(tx, venues, BY, {
    organizerId: DEMO_ORGANIZER_ID,
    id: venueId,
    name: 'Farol Cinema',
    address: 'Rua do Farol 14, 1200-001 Lisboa',
    timeZone: TIME_ZONE,
  })
  for (const { key, name, layout } of AUDITORIUMS) {
    await createThing(tx, auditoriums, BY, { organizerId: DEMO_ORGANIZER_ID, id: demoId(key), venueId, name })
    await createLayout(tx, { ...BY, id: demoId(`${key} layout`), auditoriumId: demoId(key), ...layout })
  }
  for (const movie of MOVIES) {
    await createThing(tx, movies, BY, { organizerId: DEMO_ORGANIZER_ID, id: demoId(movie.title), ...movie })
  }
}

/** Creates a showtime that is not announced yet and one that was cancelled, once. */
export async function createOtherShowtimes(tx: Transaction, now: Date, lanes: number): Promise<void> {
  const prices = await readCategories(tx)
  const others = [
    { status: 'draft', auditorium: 'grand', movie: MOVIES[0], days: 12 },
    { status: 'cancelled', auditorium: 'studio', movie: MOVIES[4], days: 3 },
  ] as const
  for (const { status, auditorium, movie, days } of others) {
    const { key, prices: base } = auditoriumOf(auditorium)
    await createShowtime(tx, {
      ...BY,
      id: demoId(`${status} showtime`),
      lanes,
      movieId: demoId(movie.title),
      auditoriumId: demoId(key),
      startsAt: new Date((Math.floor(now.getTime() / DAY_MS) + days) * DAY_MS + EVENING_MS),
      status,
      currency: CURRENCY,
      prices: pricesOf(prices.get(key), base, 0),
    })
  }
}

interface Slot {
  /** Local date, `2026-11-30`. */
  readonly date: string
  /** Days since 1970-01-01 of that date. */
  readonly day: number
  /** 1 is Monday, 7 is Sunday. */
  readonly weekday: number
  readonly auditorium: string
  readonly time: string
  readonly startsAt: Date
}

/**
 * Makes sure that showtimes are on sale for a week ahead. Ids follow from date, auditorium and time, so that each is
 * created once, however often this runs.
 */
export async function topUpShowtimes(tx: Transaction, now: Date, lanes: number): Promise<void> {
  const missing = await missingSlots(tx, now)
  if (missing.length === 0) return
  const categories = await readCategories(tx)
  for (const slot of missing) {
    const { key, prices, times } = auditoriumOf(slot.auditorium)
    const ordinal = times.indexOf(slot.time) + (key === 'grand' ? 0 : 3)
    const movie = MOVIES[(slot.day + ordinal) % MOVIES.length] ?? MOVIES[0]
    await createShowtime(tx, {
      ...BY,
      id: slotId(slot),
      lanes,
      movieId: demoId(movie.title),
      auditoriumId: demoId(key),
      startsAt: slot.startsAt,
      status: 'active',
      currency: CURRENCY,
      maxSeatsPerBooking: 8,
      prices: pricesOf(categories.get(key), prices, surcharge(slot)),
    })
  }
}

/**
 * Returns the slots without a showtime. PostgreSQL turns local times into instants: it knows the time zone's rules and,
 * unlike `Date`, takes any zone.
 */
async function missingSlots(tx: Transaction, now: Date): Promise<Slot[]> {
  const times = AUDITORIUMS.flatMap(({ key, times: starts }) => starts.map((time) => ({ key, time })))
  const wanted = await tx.client.query<Slot>(
    `select to_char(day, 'YYYY-MM-DD') as date, day::date - date '1970-01-01' as day,
            extract(isodow from day)::integer as weekday, auditorium, time,
            (day + time::interval) at time zone $2 as "startsAt"
     from generate_series(0, $3::integer - 1) as ahead
     cross join lateral (select date_trunc('day', $1::timestamptz at time zone $2) + make_interval(days => ahead)) as d (day)
     cross join unnest($4::text[], $5::text[]) as slot (auditorium, time)
     where (day + time::interval) at time zone $2 >= $6::timestamptz
     order by "startsAt", auditorium`,
    [
      now.toISOString(),
      TIME_ZONE,
      DAYS,
      times.map(({ key }) => key),
      times.map(({ time }) => time),
      new Date(now.getTime() + LEAD_MS).toISOString(),
    ],
  )
  const existing = await tx.client.query<{ id: string }>('select id from showtimes where id = any($1::uuid[])', [
    wanted.rows.map(slotId),
  ])
  const ids = new Set(existing.rows.map(({ id }) => id))
  return wanted.rows.filter((slot) => !ids.has(slotId(slot)))
}

function slotId(slot: Slot): string {
  return demoId(`${slot.date} ${slot.auditorium} ${slot.time}`)
}

/** Matinees are cheaper, Friday to Sunday dearer. In cents. */
function surcharge(slot: Slot): Minor {
  return (slot.time < '16:00' ? -200 : 0) + (slot.weekday >= 5 ? 150 : 0)
}

function auditoriumOf(key: string): DemoAuditorium {
  const found = AUDITORIUMS.find((auditorium) => auditorium.key === key)
  if (found === undefined) throw new Error(`there is no demo auditorium ${key}`)
  return found
}

interface Category {
  readonly id: string
  readonly name: string
}

/** Returns the seat categories of each auditorium, by its key. */
async function readCategories(tx: Transaction): Promise<Map<string, Category[]>> {
  const found = new Map<string, Category[]>()
  for (const { key } of AUDITORIUMS) {
    const categories = await tx.orm
      .select({ id: seatCategories.id, name: seatCategories.name })
      .from(seatCategories)
      .where(eq(seatCategories.layoutId, demoId(`${key} layout`)))
    found.set(key, categories)
  }
  return found
}

function pricesOf(
  categories: readonly Category[] | undefined,
  prices: DemoAuditorium['prices'],
  extra: Minor,
): NamedPrice[] {
  return (categories ?? []).flatMap(({ id, name }) => {
    const price = prices[name]
    return price === undefined ? [] : [{ categoryId: id, price: price + extra }]
  })
}
