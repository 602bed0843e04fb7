import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { listBytes, mapBytes } from '@boxoffice/core/settings/cache-budgets.ts'
import { type AvailabilityMessage, AvailabilityHub } from '@boxoffice/core/availability/availability-hub.ts'
import { AvailabilityService } from '@boxoffice/core/availability/availability.ts'
import { SeatMaps } from '@boxoffice/core/availability/seat-maps.ts'
import { givenShowtime } from '../support/catalogue.ts'
import { sharedDatabase } from '../support/database.ts'
import { takeSeats } from '../support/inventory.ts'
import { testLogger } from '../support/logger.ts'
import { NO_TRANSPORT } from '../support/no-transport.ts'
import { observePool } from '../support/observed-pool.ts'
import { shared } from '../support/shared.ts'

const db = sharedDatabase()
const observed = shared(() => observePool(db.database.pool))

/** Counts the statements sent during `work` whose text includes `text`. */
async function sentDuring(text: string, work: () => Promise<unknown>): Promise<number> {
  observed.statements.length = 0
  await work()
  return observed.statements.filter((statement) => statement.text.includes(text)).length
}

describe('the estimated size of', () => {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')

  function heapUsed(): number {
    if (typeof collect !== 'function') throw new Error('no garbage collector')
    for (let round = 0; round < 4; round += 1) collect()
    return process.memoryUsage().heapUsed
  }

  /** Returns labels as they come from the database: each is a text of its own. */
  const labelsOf = (count: number, first: number) =>
    Buffer.from(Array.from({ length: count }, (_, index) => `R${first}-${index}`).join('\n'))
      .toString()
      .split('\n')

  test.each([
    ['a map of labels', (labels: string[]): object => new Map(labels.map((label) => [label, null])), mapBytes],
    ['a list of labels', (labels: string[]): object => labels, listBytes],
  ])('%s is what it takes or more, and not several times that', (_, make, bytesOf) => {
    const held: object[] = []
    let estimated = 0
    const before = heapUsed()
    for (let house = 0; house < 20; house += 1) {
      const labels = labelsOf(10_000, house)
      estimated += bytesOf(labels)
      held.push(make(labels))
    }
    const taken = heapUsed() - before
    expect(held).toHaveLength(20)
    expect(taken).toBeLessThan(estimated * 1.1)
    expect(taken).toBeGreaterThan(estimated / 3)
  })
})

test('seat maps are bounded by bytes, and the seats of one layout are there once for all of its showtimes', async () => {
  const house = await givenShowtime(db.database, { rows: 5, seatsPerRow: 20 })
  const { rows: copies } = await db.database.pool.query<{ id: string }>(
    `with made as (insert into resources (id, kind, organizer_id)
       select gen_random_uuid(), 'showtime', organizer_id from resources, generate_series(1, 3) where id = $1
       returning id)
     insert into showtimes (id, movie_id, auditorium_id, layout_id, starts_at, status, currency)
       select made.id, movie_id, auditorium_id, layout_id, starts_at, status, currency from made, showtimes s where s.id = $1
     returning id`,
    [house.showtimeId],
  )
  for (const { id } of copies) {
    await db.database.pool.query(
      'insert into showtime_prices select $2, category_id, price from showtime_prices where showtime_id = $1',
      [house.showtimeId, id],
    )
  }
  const seatMaps = new SeatMaps(observed.pool, 30_000)
  const ids = [house.showtimeId, ...copies.map(({ id }) => id)]
  const served = async () => Promise.all(ids.map((id) => seatMaps.get('showtime', id)))
  expect(await sentDuring('string_agg', served)).toBe(1)
  const [one, other] = await served()
  expect(one?.parts[1]).toBe(other?.parts[1])
  const json: unknown = JSON.parse(Buffer.concat(one?.parts ?? []).toString())
  expect(json).toMatchObject({ version: 1, currency: 'EUR' })

  for (let index = 0; index < 4; index += 1) {
    const { showtimeId } = await givenShowtime(db.database, { rows: 5, seatsPerRow: 20 })
    await seatMaps.get('showtime', showtimeId)
    expect(seatMaps.bytes).toBeLessThanOrEqual(30_000)
  }
  expect(await sentDuring('string_agg', served)).toBe(1)
})

describe('availability', () => {
  const open = (maxBytes: number) =>
    new AvailabilityService(
      { pool: observed.pool, shared: NO_TRANSPORT.availability, logger: testLogger, now: Date.now },
      maxBytes,
    )

  test('is bounded by the labels that are taken, and read again where it was pushed out', async () => {
    const service = open(20_000)
    const houses: { readonly showtimeId: string }[] = []
    for (let index = 0; index < 4; index += 1) {
      const house = await givenShowtime(db.database, { rows: 5, seatsPerRow: 20 })
      await takeSeats(db.database, house.showtimeId, house.seats)
      houses.push(house)
      expect((await service.current(house.showtimeId))?.availability).toMatchObject({ taken: { length: 100 } })
      expect(service.bytes).toBeGreaterThan(5_000)
      expect(service.bytes).toBeLessThanOrEqual(20_000)
    }
    const again = () => service.current(houses[0]?.showtimeId ?? '')
    expect(await sentDuring('seat_allocations', again)).toBe(1)
    expect((await again())?.version).toBe(1)
  })

  test('streams go on with a snapshot where there is no room for what they were sent', async () => {
    const { showtimeId, seats } = await givenShowtime(db.database, { rows: 2, seatsPerRow: 5 })
    const [a = '', b = '', c = ''] = seats
    const service = open(1_000_000)
    const watch = async (maxBytes: number) => {
      const hub = new AvailabilityHub(service, testLogger, 0, maxBytes)
      const messages: AvailabilityMessage[] = []
      let arrived = Promise.withResolvers<void>()
      const stop = await hub.watch(showtimeId, 'showtime', null, {
        send: (message) => {
          messages.push(message)
          arrived.resolve()
        },
        end: () => {},
      })
      return {
        messages,
        next: async (label: string) => {
          arrived = Promise.withResolvers()
          const version = await takeSeats(db.database, showtimeId, [label])
          service.onSignal({ versions: { [showtimeId]: version } })
          await arrived.promise
          return messages.at(-1)
        },
        close: () => {
          stop?.()
          expect(hub.bytes).toBeLessThanOrEqual(maxBytes)
          hub.close()
        },
      }
    }
    const roomy = await watch(1_000_000)
    expect((await roomy.next(a))?.event).toBe('change')
    roomy.close()
    const narrow = await watch(100)
    const told = await narrow.next(b)
    expect(told?.event).toBe('snapshot')
    expect(JSON.parse(told?.data.toString() ?? '')).toMatchObject({ taken: [a, b] })
    expect(JSON.parse((await narrow.next(c))?.data.toString() ?? '')).toMatchObject({ taken: [a, b, c] })
    narrow.close()
  })
})
