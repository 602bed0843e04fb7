import { expect, it } from 'vitest'
import { ARENA } from '@boxoffice/core/demo/arena.ts'
import { DEMO_ORGANIZER_ID } from '@boxoffice/core/demo/demo-organizer.ts'
import { GRAND, STUDIO, type DemoLayout } from '@boxoffice/core/demo/layouts.ts'
import { OLD_THEATRE } from '@boxoffice/core/demo/old-theatre.ts'
import { seedDemo } from '@boxoffice/core/demo/seed.ts'
import { type LayoutDescription, prepareLayout } from '@boxoffice/core/catalogue/prepare-layout.ts'
import { sharedDatabase } from '../support/database.ts'
import { TEST_LANES } from '../support/lanes.ts'

const HOUR_MS = 60 * 60 * 1000
const DAY_MS = 24 * HOUR_MS
/** A Friday evening, after the first shows of the day began. */
const NOW = new Date('2026-11-20T18:30:00Z')

const db = sharedDatabase()

const seed = (now: Date) => seedDemo(db.database, now, TEST_LANES)

interface Showtime {
  id: string
  status: string
  startsAt: Date
  auditoriumId: string
}

async function readShowtimes(): Promise<Showtime[]> {
  const { rows } = await db.database.pool.query<Showtime>(
    'select id, status, starts_at as "startsAt", auditorium_id as "auditoriumId" from showtimes order by starts_at',
  )
  return rows
}

async function count(table: string): Promise<number> {
  const { rows } = await db.database.pool.query<{ count: number }>(`select count(*) from ${table}`)
  return rows[0]?.count ?? -1
}

it('creates the demo once, however many processes start at once', async () => {
  const [first, ...others] = await Promise.all(Array.from({ length: 4 }, () => seed(NOW)))
  for (const other of others) expect(other).toEqual(first)
  expect(first).toMatchObject({ organizerId: DEMO_ORGANIZER_ID, promoCode: 'EARLY20' })

  const audited = await count('audit')
  expect(await seed(NOW)).toEqual(first)
  expect(await count('audit')).toBe(audited)
  expect(await count('organizers')).toBe(1)
  expect(await count('auditoriums')).toBe(4)
  expect(await count('promo_codes')).toBe(4)
  expect(await count('ticket_types')).toBe(5)
})

it('puts a week of showtimes on sale in both auditoriums, none sooner than in two hours', async () => {
  const showtimes = await readShowtimes()
  expect(new Set(showtimes.map(({ status }) => status))).toEqual(new Set(['active', 'draft', 'cancelled']))
  const active = showtimes.filter(({ status }) => status === 'active')
  expect(active[0]?.startsAt.getTime()).toBeGreaterThanOrEqual(NOW.getTime() + 2 * HOUR_MS)
  for (let day = 1; day <= 7; day++) {
    const date = new Date(NOW.getTime() + day * DAY_MS).toISOString().slice(0, 10)
    const ofDay = active.filter(({ startsAt }) => startsAt.toISOString().startsWith(date))
    expect(ofDay).toHaveLength(7)
    expect(new Set(ofDay.map(({ auditoriumId }) => auditoriumId)).size).toBe(2)
  }
})

it('starts shows at the same local time before and after the clocks change', async () => {
  await seed(new Date('2027-03-24T09:00:00Z'))
  const { rows } = await db.database.pool.query<{ times: string[] }>(
    `select array_agg(distinct to_char(starts_at at time zone 'Europe/Lisbon', 'HH24:MI')) as times
     from showtimes where status = 'active' and starts_at > '2027-03-28T00:00:00Z'`,
  )
  expect(rows[0]?.times.toSorted()).toEqual(['14:00', '15:30', '17:00', '18:15', '20:00', '21:00', '22:45'])
})

it('names two free seats beside each other, and others once they are taken', async () => {
  const free = await seed(NOW)
  await db.database.pool.query(
    `insert into seat_allocations (showtime_id, seat_label, booking_id)
     select $1, label, gen_random_uuid() from unnest($2::text[]) as label`,
    [free.showtimeId, free.seatLabels],
  )
  const next = await seed(NOW)
  expect(next.showtimeId).toBe(free.showtimeId)
  for (const label of next.seatLabels) expect(free.seatLabels).not.toContain(label)
  const { rows } = await db.database.pool.query<{ label: string; disabled: boolean }>(
    `select label, disabled from seats join showtimes using (layout_id)
     where showtimes.id = $1 and label = any($2) order by number`,
    [next.showtimeId, next.seatLabels],
  )
  expect(rows).toEqual(next.seatLabels.map((label) => ({ label, disabled: false })))
  const [left, right] = next.seatLabels.map((label) => Number(label.slice(1)))
  expect(right).toBe((left ?? 0) + 1)
})

it('goes to the next showtime when one is sold out, and still answers when all are', async () => {
  const before = await seed(NOW)
  const sellOut = (condition: string, values: unknown[]) =>
    db.database.pool.query(
      `insert into seat_allocations (showtime_id, seat_label, booking_id)
       select showtimes.id, label, gen_random_uuid() from showtimes join seats using (layout_id) where ${condition}
       on conflict do nothing`,
      values,
    )
  await sellOut('showtimes.id = $1', [before.showtimeId])
  const after = await seed(NOW)
  expect(after.showtimeId).not.toBe(before.showtimeId)
  await sellOut('starts_at < $1', ['2027-01-01'])
  expect((await seed(NOW)).showtimeId).toBe(before.showtimeId)
})

it('names a ticket type that is on sale', async () => {
  const { eventId, ticketTypeId } = await seed(NOW)
  const { rows } = await db.database.pool.query(
    `select status, active, price > 0 as priced, starts_at > $3 as ahead,
            coalesce(sale_starts_at <= $3, true) and coalesce(sale_ends_at > $3, true) as open
     from events join ticket_types on event_id = events.id where events.id = $1 and ticket_types.id = $2`,
    [eventId, ticketTypeId, NOW],
  )
  expect(rows).toEqual([{ status: 'published', active: true, priced: true, ahead: true, open: true }])
})

it('has a week and a festival ahead again when it is started later', async () => {
  const earlier = await seed(NOW)
  const days = 400
  const later = new Date(NOW.getTime() + days * DAY_MS)
  const demo = await seed(later)
  expect(demo.eventId).not.toBe(earlier.eventId)
  const ahead = (await readShowtimes()).filter(({ startsAt }) => startsAt > later)
  expect(ahead.length).toBeGreaterThanOrEqual(49)
  const { rows } = await db.database.pool.query(
    `select resource_id as "eventId" from promo_code_resources join promo_codes on promo_codes.id = promo_code_id
     where code = 'TENOFF'`,
  )
  expect(rows).toContainEqual({ eventId: earlier.eventId })
  expect(rows).toContainEqual({ eventId: demo.eventId })
})

it.each<[string, DemoLayout, number]>([
  ['Grand', GRAND, 312],
  ['Studio', STUDIO, 71],
])('has a sound layout for %s', (_, layout, size) => {
  prepareLayout(layout)
  const seats = layout.rows.flatMap((row) => row.seats)
  expect(seats).toHaveLength(size)
  for (const category of layout.categories) expect(seats.some((seat) => seat.category === category)).toBe(true)
  expect(seats.some((seat) => seat.accessible)).toBe(true)
  expect(seats.some((seat) => seat.disabled)).toBe(true)
  for (const [index, seat] of seats.entries()) {
    for (const other of seats.slice(index + 1)) {
      expect(Math.hypot(seat.x - other.x, seat.y - other.y)).toBeGreaterThanOrEqual(0.95)
    }
  }
})

it('has an arena of two levels with a floor, and an old theatre with its own names', () => {
  const seatsOf = (layout: LayoutDescription) => layout.rows.flatMap((row) => row.seats)
  const arena = prepareLayout(ARENA)
  expect([arena.seatCount, arena.areas.map(({ label, capacity }) => [label, capacity])]).toEqual([
    12_000,
    [['Floor', 3_000]],
  ])
  expect(new Set(ARENA.rows.map(({ section }) => section)).size).toBe(34)
  expect(prepareLayout(OLD_THEATRE).seatCount).toBe(228)
  for (const layout of [ARENA, OLD_THEATRE]) {
    const used = new Set([...seatsOf(layout), ...(layout.areas ?? [])].map(({ category }) => category))
    expect([...used].toSorted()).toEqual(layout.categories.toSorted())
    for (const { seats } of layout.rows) {
      for (const [index, seat] of seats.entries()) {
        const next = seats[index + 1]
        if (next !== undefined) expect(Math.hypot(seat.x - next.x, seat.y - next.y)).toBeGreaterThanOrEqual(0.95)
      }
    }
  }
})

it('sells the arena and the old theatre, seats and floor', async () => {
  await seed(NOW)
  const { rows } = await db.database.pool.query(
    `select v.name, s.status, (select count(*)::int from showtime_prices where showtime_id = s.id) as prices,
       (select sum(capacity)::int from area_state where resource_id = s.id) as places
     from showtimes s join auditoriums a on a.id = s.auditorium_id join venues v on v.id = a.venue_id
     where v.name in ('Arena do Tejo', 'Teatro Velho') and s.starts_at > $1 and s.starts_at < $1 + interval '60 days'
     order by v.name`,
    [NOW],
  )
  expect(rows).toEqual([
    { name: 'Arena do Tejo', status: 'active', prices: 4, places: 3_000 },
    { name: 'Teatro Velho', status: 'active', prices: 3, places: null },
  ])
})
