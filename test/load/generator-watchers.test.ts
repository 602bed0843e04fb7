import { describe, expect, it } from 'vitest'
import { messageReader } from '../../apps/load/src/generator/availability-messages.ts'
import { bestSeats, nextSeats } from '../../apps/load/src/generator/best-seats.ts'
import { WatcherDelays } from '../../apps/load/src/generator/watcher-delays.ts'
import { seededRandom } from '../../apps/load/src/generator/random.ts'

describe('messages about a sold seat', () => {
  it('are late by the time from the outcome to each watcher', () => {
    const delays = new WatcherDelays([])
    delays.seatsSold('s', ['A1', 'A2'], 100)
    delays.seatsSeen('s', ['A1', 'A2'], [], 120)
    delays.seatsSeen('s', ['A1', 'A2'], [], 160)
    // One for each watcher and booking: the second seat is the same booking.
    expect(delays.latency).toMatchObject({ count: 2, max: 60 })
  })

  it('that a watcher has before the buyer are not late', () => {
    const delays = new WatcherDelays([])
    delays.seatsSeen('s', ['A1'], [], 90)
    delays.seatsSold('s', ['A1'], 100)
    delays.seatsSeen('s', ['A1'], [], 130)
    expect(delays.latency).toMatchObject({ count: 2, p50: 0, max: 30 })
  })

  it('are of one showtime, and begin anew when the seat is released', () => {
    const delays = new WatcherDelays([])
    delays.seatsSold('s', ['A1'], 100)
    delays.seatsSeen('other', ['A1'], [], 500)
    delays.seatsSeen('s', [], ['A1'], 600)
    delays.seatsSeen('s', ['A1'], [], 700)
    expect(delays.latency).toBeNull()
    delays.seatsSold('s', ['A1'], 710)
    expect(delays.latency).toMatchObject({ count: 1, max: 0 })
  })
})

describe('messages about sold tickets', () => {
  it('are told by how many are sold', () => {
    const delays = new WatcherDelays(['type'])
    const watcher = delays.watchTickets('type', 10)
    delays.ticketsSold('type', 2, 100)
    delays.ticketsSold('type', 1, 110)
    watcher?.seen(12, 130)
    watcher?.seen(13, 150)
    expect(delays.latency).toMatchObject({ count: 2, max: 40 })
  })

  it('come together in one message, and before the outcome', () => {
    const delays = new WatcherDelays(['type'])
    const [one, other] = [delays.watchTickets('type', 0), delays.watchTickets('type', 0)]
    one?.seen(3, 95)
    delays.ticketsSold('type', 2, 100)
    delays.ticketsSold('type', 1, 101)
    other?.seen(3, 120)
    expect(delays.latency).toMatchObject({ count: 4, max: 20 })
    other?.seen(3, 500)
    expect(delays.latency?.count).toBe(4)
  })

  it('are not measured where they cannot be told', () => {
    const delays = new WatcherDelays([])
    expect(delays.watchTickets('type', 0)).toBeNull()
    delays.ticketsSold('type', 1, 100)
    expect(delays.latency).toBeNull()
  })
})

describe('a message of availability', () => {
  it('is read once for all who get the same', () => {
    const read = messageReader()
    const text = '{"version":2,"taken":["A1"],"released":[],"ticketTypes":[{"id":"t","sold":3}]}'
    expect(read(text)).toEqual({ taken: ['A1'], released: [], sold: [{ ticketTypeId: 't', sold: 3 }] })
    expect(read(text)).toBe(read(`${text}`))
    expect(read('{}')).toEqual({ taken: [], released: [], sold: [] })
  })
})

describe('seats', () => {
  const hall = { rows: 10, seatsPerRow: 20 }

  it('that people choose are neighbours, near the front and the middle, and yet all of them', () => {
    const random = seededRandom(5)
    const chosen = Array.from({ length: 20_000 }, () => bestSeats(hall, 2, random))
    const rows = new Map<string, number>()
    const places = new Map<number, number>()
    for (const [first = '', second = ''] of chosen) {
      expect(second).toBe(`${first[0]}${Number(first.slice(1)) + 1}`)
      rows.set(first.charAt(0), (rows.get(first.charAt(0)) ?? 0) + 1)
      places.set(Number(first.slice(1)), (places.get(Number(first.slice(1))) ?? 0) + 1)
    }
    expect(rows.get('A')).toBeGreaterThan(3 * (rows.get('J') ?? 0))
    expect(places.get(10)).toBeGreaterThan(3 * (places.get(1) ?? 0))
    expect(new Set(chosen.flat()).size).toBe(200)
  })

  it('of a row that is too short are the whole row', () => {
    expect(bestSeats({ rows: 1, seatsPerRow: 2 }, 4, seededRandom(1))).toEqual(['A1', 'A2'])
  })

  it('that nobody else asks for come one after the other, and from the start when they are all gone', () => {
    const next = nextSeats({ rows: 2, seatsPerRow: 2 }, 2)
    expect([next(), next(), next()]).toEqual([
      ['A1', 'A2'],
      ['B1', 'B2'],
      ['A1', 'A2'],
    ])
  })
})
