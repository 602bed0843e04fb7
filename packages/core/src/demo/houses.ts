import { createLayout } from '../catalogue/create-layout.ts'
import { createShowtime } from '../catalogue/create-showtime.ts'
import { createThing } from '../catalogue/plain-thing.ts'
import { auditoriums, movies, venues } from '../catalogue/plain-things.ts'
import type { LayoutDescription } from '../catalogue/prepare-layout.ts'
import type { Transaction } from '../db/transaction.ts'
import type { Minor } from '../domain/money/money.ts'
import { SYSTEM } from '../records/cause.ts'
import { ARENA } from './arena.ts'
import { demoId } from './demo-id.ts'
import { DEMO_ORGANIZER_ID } from './demo-organizer.ts'
import { OLD_THEATRE } from './old-theatre.ts'

const BY = { ...SYSTEM, organizerId: DEMO_ORGANIZER_ID }
const TIME_ZONE = 'Europe/Lisbon'
/** Days until a new show, and before the last one at which the next is made. */
const AHEAD_DAYS = 45
const NEXT_SHOW_DAYS = 14
const DAY_MS = 24 * 60 * 60 * 1000

interface DemoHouse {
  readonly key: string
  readonly venue: { readonly name: string; readonly address: string }
  readonly auditorium: string
  readonly layout: LayoutDescription
  readonly show: { readonly title: string; readonly durationMinutes: number; readonly synopsis: string }
  /** Local start time. */
  readonly time: string
  readonly maxSeatsPerBooking: number
  /** Prices in cents, by category. */
  readonly prices: Readonly<Record<string, Minor>>
}

const HOUSES: readonly DemoHouse[] = [
  {
    key: 'arena',
    venue: { name: 'Arena do Tejo', address: 'Passeio das Garças 3, 1990-395 Lisboa' },
    auditorium: 'Arena',
    layout: ARENA,
    show: {
      title: 'Maré Alta: The Harbour Orchestra',
      durationMinutes: 150,
      synopsis: 'Eighty musicians, a choir from the ferries and one very large drum.',
    },
    time: '20:00',
    maxSeatsPerBooking: 8,
    prices: { Floor: 4500, Premium: 9500, 'Lower level': 6500, 'Upper level': 3900 },
  },
  {
    key: 'old theatre',
    venue: { name: 'Teatro Velho', address: 'Largo do Teatro 1, 1200-230 Lisboa' },
    auditorium: 'Sala Principal',
    layout: OLD_THEATRE,
    show: {
      title: 'The Prompter’s Farewell',
      durationMinutes: 135,
      synopsis: 'On her last night the prompter whispers a better play than the one on the stage.',
    },
    time: '21:00',
    maxSeatsPerBooking: 6,
    prices: { Plateia: 2800, Balcão: 2000, Camarote: 4500 },
  },
]

/** Makes sure that the arena and the old theatre are there, each with a show ahead. */
export async function topUpHouses(tx: Transaction, now: Date, lanes: number): Promise<void> {
  for (const house of HOUSES) {
    const { key, show, time, maxSeatsPerBooking, prices } = house
    const { startsAt, exists, hasShow } = await readState(tx, now, demoId(key), time)
    if (!exists) await createHouse(tx, house)
    if (hasShow) continue
    await createShowtime(tx, {
      ...BY,
      id: demoId(`${key} ${startsAt.toISOString()}`),
      lanes,
      movieId: demoId(show.title),
      auditoriumId: demoId(key),
      startsAt,
      status: 'active',
      currency: 'EUR',
      maxSeatsPerBooking,
      prices: Object.entries(prices).map(([category, price]) => ({ category, price })),
    })
  }
}

interface HouseState {
  /** Start of a new show; PostgreSQL knows the time zone's rules. */
  readonly startsAt: Date
  readonly exists: boolean
  readonly hasShow: boolean
}

async function readState(tx: Transaction, now: Date, auditoriumId: string, time: string): Promise<HouseState> {
  const { rows } = await tx.client.query<HouseState>(
    `select (date_trunc('day', $2::timestamptz at time zone $3) + $4::interval) at time zone $3 as "startsAt",
       exists (select from auditoriums where id = $1) as exists,
       exists (select from showtimes where auditorium_id = $1 and starts_at > $5) as "hasShow"`,
    [
      auditoriumId,
      new Date(now.getTime() + AHEAD_DAYS * DAY_MS).toISOString(),
      TIME_ZONE,
      time,
      new Date(now.getTime() + NEXT_SHOW_DAYS * DAY_MS).toISOString(),
    ],
  )
  const [state] = rows
  if (state === undefined) throw new Error('the database answered nothing')
  return state
}

async function createHouse(tx: Transaction, { key, venue, auditorium, layout, show }: DemoHouse): Promise<void> {
  const venueId = demoId(`${key} venue`)
  const ofDemo = { organizerId: DEMO_ORGANIZER_ID }
  await createThing(tx, venues, BY, { ...ofDemo, id: venueId, ...venue, timeZone: TIME_ZONE })
  await createThing(tx, auditoriums, BY, { ...ofDemo, id: demoId(key), venueId, name: auditorium })
  await createLayout(tx, { ...BY, id: demoId(`${key} layout`), auditoriumId: demoId(key), ...layout })
  await createThing(tx, movies, BY, { ...ofDemo, id: demoId(show.title), ...show, rating: '6' })
}
