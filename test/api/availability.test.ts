import { type ClientRequest, request as send } from 'node:http'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { SharedCache } from '@boxoffice/core/queue/transport.ts'
import { AvailabilityHub, type AvailabilityMessage } from '@boxoffice/core/availability/availability-hub.ts'
import { AvailabilityService } from '@boxoffice/core/availability/availability.ts'
import { AddressShares } from '../../apps/api/src/admission/address-shares.ts'
import { EventStreams } from '../../apps/api/src/streams/sse.ts'
import { availabilityRoutes } from '../../apps/api/src/routes/availability.ts'
import { givenEvent, givenShowtime } from '../support/catalogue.ts'
import { sharedDatabase } from '../support/database.ts'
import { openStream, type OpenStream } from '../support/event-stream.ts'
import { changeResource, releaseSeats, sellTickets, takeSeats } from '../support/inventory.ts'
import { testLogger as logger } from '../support/logger.ts'
import { observePool, type ObservedPool } from '../support/observed-pool.ts'
import { routeDependencies, serveRouters } from '../support/serve-routers.ts'

const NOWHERE = '00000000-0000-4000-8000-000000000000'
/** A cache that holds nothing, as in an API process without a shared cache. */
const NO_CACHE: SharedCache = { get: async () => null, setIfNewer: async () => {} }

function memoryCache(): SharedCache {
  const bodies = new Map<string, { version: number; body: string }>()
  return {
    get: async (key) => bodies.get(key) ?? null,
    setIfNewer: async (key, version, body) => {
      if (version > (bodies.get(key)?.version ?? -1)) bodies.set(key, { version, body })
    },
  }
}

let observed: ObservedPool
let clockMs: number | undefined
let service: AvailabilityService
let hub: AvailabilityHub
let streams: EventStreams
let watchers: AddressShares
let server: Awaited<ReturnType<typeof serveRouters>>
const open: OpenStream[] = []
const streamRequests: ClientRequest[] = []

const newService = (shared: SharedCache = NO_CACHE) =>
  new AvailabilityService({ pool: observed.pool, shared, logger, now: () => clockMs ?? Date.now() })

const serve = () =>
  serveRouters([availabilityRoutes(routeDependencies(), { availability: service, hub, streams, watchers })])

async function serveAgain(): Promise<void> {
  await server.close()
  server = await serve()
}

const db = sharedDatabase()
beforeEach(async () => {
  observed = observePool(db.database.pool)
  clockMs = undefined
  service = newService()
  hub = new AvailabilityHub(service, logger)
  streams = new EventStreams()
  watchers = new AddressShares({ total: 10_000 })
  server = await serve()
})
afterEach(async () => {
  for (const stream of open.splice(0)) stream.close()
  for (const request of streamRequests.splice(0)) request.destroy()
  streams.close()
  hub.close()
  await server.close()
})

const path = (kind: 'showtimes' | 'events', id: string) => `${server.url}/v1/${kind}/${id}/availability`
const get = (url: string, etag?: string) => fetch(url, { headers: etag === undefined ? {} : { 'if-none-match': etag } })
const taken = async (id: string, from = service) => {
  const availability = (await from.current(id))?.availability
  return availability !== undefined && 'taken' in availability ? availability.taken : null
}
const signal = (id: string, version: number) => service.onSignal({ versions: { [id]: version } })

/** Resolves with the status of a stream that is opened from an address of loopback, and keeps it open. */
function statusOfStream(id: string, localAddress: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = send(`${path('showtimes', id)}/stream`, { localAddress, agent: false }, (response) => {
      resolve(response.resume().statusCode ?? 0)
    })
    request.on('error', reject).end()
    streamRequests.push(request)
  })
}

async function watch(kind: 'showtimes' | 'events', id: string, lastEventId?: number): Promise<OpenStream> {
  const headers = lastEventId === undefined ? {} : { 'last-event-id': String(lastEventId) }
  const stream = await openStream(`${path(kind, id)}/stream`, headers)
  open.push(stream)
  return stream
}

describe('availability over HTTP', () => {
  it('of a showtime lists taken seats in the order of the layout and counts what is left', async () => {
    const { showtimeId, categoryIds } = await givenShowtime(db.database, {
      rows: 2,
      seatsPerRow: 10,
      categories: [
        { name: 'Front', price: 900 },
        { name: 'Back', price: 1100 },
      ],
      disabledSeats: ['A1', 'A2'],
    })
    await takeSeats(db.database, showtimeId, ['B1', 'A10', 'A9'])
    const response = await get(path('showtimes', showtimeId))
    expect(response.status).toBe(200)
    expect(response.headers.get('etag')).toBe('"1"')
    expect(response.headers.get('cache-control')).toBe('no-cache')
    expect(await response.json()).toEqual({
      version: 1,
      onSale: true,
      taken: ['A9', 'A10', 'B1'],
      categories: [
        { id: categoryIds[0], name: 'Front', price: 900, total: 8, available: 6 },
        { id: categoryIds[1], name: 'Back', price: 1100, total: 10, available: 9 },
      ],
      areas: [],
    })
  })

  const floor = { label: 'Floor', category: 'Standing', capacity: 400 }
  const withFloor = () =>
    givenShowtime(db.database, {
      rows: 1,
      categories: [
        { name: 'Seats', price: 900 },
        { name: 'Standing', price: 700 },
      ],
      areas: [floor, { ...floor, label: 'Bar', category: 'Seats', capacity: 5 }],
    })
  const useFloor = (id: string, changes: string) =>
    changeResource(db.database, id, `update area_state set ${changes} where label = 'Floor' and resource_id = $1`)

  it('of a showtime counts the places of areas, less those that are sold or kept', async () => {
    const { showtimeId, categoryIds } = await withFloor()
    await useFloor(showtimeId, 'sold = 30, kept = 20')
    expect(await (await get(path('showtimes', showtimeId))).json()).toEqual({
      version: 1,
      onSale: true,
      taken: [],
      categories: [
        { id: categoryIds[0], name: 'Seats', price: 900, total: 15, available: 15 },
        { id: categoryIds[1], name: 'Standing', price: 700, total: 400, available: 350 },
      ],
      areas: [
        { label: 'Floor', categoryId: categoryIds[1], capacity: 400, available: 350 },
        { label: 'Bar', categoryId: categoryIds[0], capacity: 5, available: 5 },
      ],
    })
    await changeResource(db.database, showtimeId, "update showtimes set status = 'cancelled' where id = $1")
    signal(showtimeId, 2)
    expect(await (await get(path('showtimes', showtimeId))).json()).toMatchObject({
      areas: [{ label: 'Floor', available: 0 }, { label: 'Bar' }],
    })
  })

  it('of an event with a house has its seats and areas beside its ticket types', async () => {
    const { showtimeId, categoryIds } = await withFloor()
    const { eventId } = await givenEvent(db.database)
    const plain = await (await get(path('events', eventId))).json()
    expect(Object.keys(plain as object)).toEqual(['version', 'ticketTypes'])
    const version = await changeResource(
      db.database,
      eventId,
      `with house as (select layout_id, auditorium_id from showtimes where id = '${showtimeId}'),
       priced as (insert into showtime_prices (showtime_id, category_id, price)
         select $1, category_id, price from showtime_prices where showtime_id = '${showtimeId}'),
       counted as (insert into area_state (resource_id, label, capacity)
         select $1, label, capacity from area_state where resource_id = '${showtimeId}')
       update events set (layout_id, auditorium_id) = (select layout_id, auditorium_id from house) where id = $1`,
    )
    signal(eventId, version)
    const stream = await watch('events', eventId)
    const { data } = await stream.next()
    expect(data).toMatchObject({
      ...(plain as object),
      version,
      taken: [],
      categories: [{ name: 'Seats', total: 15 }, { name: 'Standing' }],
      areas: [{ label: 'Floor', categoryId: categoryIds[1], capacity: 400, available: 400 }, { label: 'Bar' }],
    })
    await takeSeats(db.database, eventId, ['A3'])
    signal(eventId, await useFloor(eventId, 'sold = 1'))
    expect((await stream.next()).data).toMatchObject({
      taken: ['A3'],
      released: [],
      categories: [{ available: 14 }, { available: 399 }],
      areas: [
        { label: 'Floor', available: 399 },
        { label: 'Bar', available: 5 },
      ],
      ticketTypes: [expect.objectContaining({ sold: 0 })],
    })
  })

  it('of a showtime says whether the public can book, and is another one once it cannot', async () => {
    const { showtimeId } = await givenShowtime(db.database, { startsAt: new Date(clockMs ?? Date.now()) })
    const first = await get(path('showtimes', showtimeId))
    expect(await first.json()).toMatchObject({ version: 0, onSale: true })
    const stream = await watch('showtimes', showtimeId)
    await stream.next()
    clockMs = Date.now() + 900_001
    try {
      const etag = first.headers.get('etag') ?? ''
      const later = await get(path('showtimes', showtimeId), etag)
      expect([later.status, await later.json()]).toMatchObject([200, { version: 0, onSale: false }])
      expect(await stream.next()).toMatchObject({ event: 'change', data: { version: 0, onSale: false } })
      // Whoever comes again at this version may have left while the sale was open.
      const again = await watch('showtimes', showtimeId, 0)
      expect(await again.next()).toMatchObject({ event: 'change', data: { onSale: false, taken: [] } })
    } finally {
      clockMs = undefined
    }
  })

  it('of an event counts per ticket type and says whether its sale is open', async () => {
    const [opens, closes] = [new Date(Date.now() - 5_000), new Date(Date.now() + 60_000)]
    const { eventId, ticketTypeIds } = await givenEvent(db.database, {
      ticketTypes: [
        { name: 'Now', price: 100, capacity: 10, saleStartsAt: opens, saleEndsAt: closes },
        { name: 'Later', price: 200, capacity: 5, saleStartsAt: closes },
        { name: 'Off', price: 300, capacity: 5, active: false },
      ],
    })
    await sellTickets(db.database, eventId, String(ticketTypeIds[0]), 4)
    const response = await get(path('events', eventId))
    expect(response.headers.get('etag')).toBe('"1-100"')
    const [startsAt, endsAt] = [opens.toISOString(), closes.toISOString()]
    expect(await response.json()).toEqual({
      version: 1,
      ticketTypes: [
        {
          id: ticketTypeIds[0],
          name: 'Now',
          price: 100,
          capacity: 10,
          sold: 4,
          available: 6,
          onSale: true,
          saleStartsAt: startsAt,
          saleEndsAt: endsAt,
        },
        {
          id: ticketTypeIds[1],
          name: 'Later',
          price: 200,
          capacity: 5,
          sold: 0,
          available: 5,
          onSale: false,
          saleStartsAt: endsAt,
          saleEndsAt: null,
        },
        {
          id: ticketTypeIds[2],
          name: 'Off',
          price: 300,
          capacity: 5,
          sold: 0,
          available: 5,
          onSale: false,
          saleStartsAt: null,
          saleEndsAt: null,
        },
      ],
    })

    // No new version, but another answer.
    clockMs = closes.getTime()
    const later = await get(path('events', eventId), '"1-100"')
    expect([later.status, later.headers.get('etag')]).toEqual([200, '"1-010"'])
  })

  it('answers 304 without a body to whoever has the newest, and only to them', async () => {
    const { showtimeId } = await givenShowtime(db.database)
    const url = path('showtimes', showtimeId)
    for (const etag of ['"0"', 'W/"0"', '"7", W/"0"', '*']) {
      const response = await get(url, etag)
      expect([response.status, response.headers.get('etag'), await response.text()]).toEqual([304, '"0"', ''])
    }
    for (const etag of ['"1"', '0', '"00"', '']) expect((await get(url, etag)).status).toBe(200)
    signal(showtimeId, await takeSeats(db.database, showtimeId, ['A1']))
    expect((await get(url, '"0"')).status).toBe(200)
  })

  it('answers 404 to what the public may not know of, under either path', async () => {
    const { showtimeId } = await givenShowtime(db.database, { status: 'draft' })
    const { eventId } = await givenEvent(db.database)
    for (const url of [
      path('showtimes', showtimeId),
      path('showtimes', eventId),
      path('events', NOWHERE),
      path('events', 'x'),
    ]) {
      expect((await get(url)).status).toBe(404)
      expect((await get(`${url}/stream`)).status).toBe(404)
    }
    await changeResource(db.database, showtimeId, "update showtimes set status = 'active' where id = $1")
    expect((await get(path('showtimes', showtimeId))).status).toBe(200)
  })

  it('counts nothing as available once a showtime is cancelled', async () => {
    const { showtimeId } = await givenShowtime(db.database, { status: 'cancelled' })
    expect(await (await get(path('showtimes', showtimeId))).json()).toMatchObject({
      categories: [{ total: 50, available: 0 }],
    })
  })
})

describe('the cache', () => {
  it('reads the database once for 200 readers at a time, and once more for each version', async () => {
    const { showtimeId } = await givenShowtime(db.database)
    const crowd = () => Promise.all(Array.from({ length: 200 }, () => get(path('showtimes', showtimeId))))
    for (const response of await crowd()) expect(response.headers.get('etag')).toBe('"0"')
    expect(observed.statements).toHaveLength(1)
    signal(showtimeId, await takeSeats(db.database, showtimeId, ['A1']))
    for (const response of await crowd()) expect(response.headers.get('etag')).toBe('"1"')
    // A version check may come in between if this machine is slow.
    const reads = observed.statements.filter(({ text }) => text.includes('seat_allocations'))
    expect(reads).toHaveLength(2)
    expect(observed.statements.length).toBeLessThan(5)
  })

  it('is never older than the last signal, whatever was under way when it came', async () => {
    const { showtimeId } = await givenShowtime(db.database)
    const hold = observed.holdResults('seat_allocations')
    const before = service.current(showtimeId)
    await hold.held
    // The read above has seen version 0 and does not know yet that there is another.
    signal(showtimeId, await takeSeats(db.database, showtimeId, ['A1']))
    const after = service.current(showtimeId)
    hold.release()
    expect((await after)?.version).toBe(1)
    expect((await before)?.version).toBeLessThanOrEqual(1)
    expect(await taken(showtimeId)).toEqual(['A1'])
  })

  it('keeps up with 300 changes in a row, each read after its signal', async () => {
    const { showtimeId } = await givenShowtime(db.database)
    const readers: Promise<void>[] = []
    for (let round = 0; round < 150; round += 1) {
      for (const change of [takeSeats, releaseSeats]) {
        const version = await change(db.database, showtimeId, ['A1'])
        signal(showtimeId, version)
        readers.push(service.current(showtimeId).then((view) => expect(view?.version).toBeGreaterThanOrEqual(version)))
      }
    }
    await Promise.all(readers)
    expect(await taken(showtimeId)).toEqual([])
  })

  it('finds what a lost signal did not tell within a second, with one query for everything that is read', async () => {
    const given = await Promise.all(Array.from({ length: 20 }, () => givenShowtime(db.database)))
    const ids = given.map(({ showtimeId }) => showtimeId)
    const readAll = () => Promise.all(ids.map((id) => taken(id)))
    vi.useFakeTimers({ toFake: ['performance'] })
    try {
      await readAll()
      await readAll()
      for (const id of ids) await takeSeats(db.database, id, ['A1'])
      observed.statements.length = 0
      expect(await readAll()).toEqual(ids.map(() => []))
      expect(observed.statements).toEqual([])
      vi.advanceTimersByTime(1_001)
      // The first to notice asks for all that were read lately.
      expect(await taken(String(ids[0]))).toEqual(['A1'])
      expect(await readAll()).toEqual(ids.map(() => ['A1']))
      expect(observed.statements.filter(({ text }) => text.includes('from resource_state'))).toHaveLength(1)
    } finally {
      vi.useRealTimers()
    }
  })

  it('serves nothing unverified after signals may have been lost', async () => {
    const { showtimeId } = await givenShowtime(db.database)
    expect(await taken(showtimeId)).toEqual([])
    await takeSeats(db.database, showtimeId, ['A1'])
    expect(await taken(showtimeId)).toEqual([])
    service.onGap()
    expect(await taken(showtimeId)).toEqual(['A1'])
  })

  it('takes from other processes what they have read already', async () => {
    const { showtimeId } = await givenShowtime(db.database)
    const shared = memoryCache()
    const [one, two] = [newService(shared), newService(shared)]
    const version = await takeSeats(db.database, showtimeId, ['A1'])
    expect(await taken(showtimeId, one)).toEqual(['A1'])
    expect(await taken(showtimeId, two)).toEqual(['A1'])
    await takeSeats(db.database, showtimeId, ['A2'])
    for (const each of [one, two]) each.onSignal({ versions: { [showtimeId]: version + 1 } })
    expect(await taken(showtimeId, one)).toEqual(['A1', 'A2'])
    expect(await taken(showtimeId, two)).toEqual(['A1', 'A2'])
    expect(observed.statements.filter(({ text }) => text.includes('seat_allocations'))).toHaveLength(2)
  })

  it('believes the database where the shared cache or a signal knows more than it, and not garbage', async () => {
    const { showtimeId } = await givenShowtime(db.database)
    const shared = memoryCache()
    const phantom = { kind: 'showtime', version: 9, taken: ['A9'], categories: [], areas: [] }
    await shared.setIfNewer(`availability:2:${showtimeId}`, 9, JSON.stringify(phantom))
    const restored = newService(shared)
    expect(await taken(showtimeId, restored)).toEqual([])
    restored.onSignal({ versions: { [showtimeId]: 50 } })
    expect(await taken(showtimeId, restored)).toEqual([])
    const garbled: SharedCache = { ...NO_CACHE, get: async () => ({ version: 99, body: '{"kind":"showtime"' }) }
    expect(await taken(showtimeId, newService(garbled))).toEqual([])
  })

  it('fails all who wait when the database fails, and nobody who comes after', async () => {
    const { showtimeId } = await givenShowtime(db.database)
    const hold = observed.holdResults('seat_allocations')
    const crowd = Array.from({ length: 5 }, () => service.current(showtimeId))
    await hold.held
    hold.fail(new Error('Connection terminated'))
    for (const result of await Promise.allSettled(crowd)) expect(result.status).toBe('rejected')
    expect(await taken(showtimeId)).toEqual([])
  })
})

describe('the stream', () => {
  it('begins with a snapshot and goes on with what changed', async () => {
    const { showtimeId, categoryIds } = await givenShowtime(db.database)
    await takeSeats(db.database, showtimeId, ['A1'])
    const stream = await watch('showtimes', showtimeId)
    expect(stream.response.headers.get('content-type')).toBe('text/event-stream')
    const snapshot = await stream.next()
    expect(snapshot).toMatchObject({ event: 'snapshot', id: '1', data: { version: 1, taken: ['A1'] } })
    expect(snapshot.data).toEqual(await (await get(path('showtimes', showtimeId))).json())

    signal(showtimeId, await takeSeats(db.database, showtimeId, ['B2', 'B1']))
    expect(await stream.next()).toEqual({
      event: 'change',
      id: '2',
      data: {
        version: 2,
        onSale: true,
        taken: ['B1', 'B2'],
        released: [],
        categories: [{ id: categoryIds[0], available: 47 }],
        areas: [],
      },
    })
    signal(showtimeId, await releaseSeats(db.database, showtimeId, ['A1']))
    expect(await stream.next()).toMatchObject({ id: '3', data: { taken: [], released: ['A1'] } })
  })

  it('coalesces a burst, and the deltas add up to the truth', async () => {
    const { showtimeId, seats } = await givenShowtime(db.database)
    const stream = await watch('showtimes', showtimeId)
    await stream.next()
    observed.statements.length = 0
    for (const label of seats) signal(showtimeId, await takeSeats(db.database, showtimeId, [label]))
    const held = new Set<string>()
    let events = 0
    for (let id = ''; id !== String(seats.length); events += 1) {
      const { id: version = '', data } = await stream.next()
      id = version
      const change = data as { taken: string[]; released: string[] }
      for (const label of change.taken) held.add(label)
      for (const label of change.released) held.delete(label)
    }
    expect([...held].toSorted()).toEqual(seats.toSorted())
    expect(events).toBeLessThan(seats.length)
  })

  it('of an event tells counts, and sales that open by the clock without a new version', async () => {
    const opensMs = Date.now() + 3_600_000
    const { eventId, ticketTypeIds } = await givenEvent(db.database, {
      ticketTypes: [{ capacity: 10 }, { capacity: 5, saleStartsAt: new Date(opensMs) }],
    })
    const [first, second] = ticketTypeIds
    const stream = await watch('events', eventId)
    expect(await stream.next()).toMatchObject({ event: 'snapshot', id: '0' })
    signal(eventId, await sellTickets(db.database, eventId, String(first), 3))
    expect(await stream.next()).toEqual({
      event: 'change',
      id: '1',
      data: {
        version: 1,
        ticketTypes: [
          { id: first, sold: 3, available: 7, onSale: true },
          { id: second, sold: 0, available: 5, onSale: false },
        ],
      },
    })
    clockMs = opensMs
    expect(await stream.next()).toMatchObject({ id: '1', data: { ticketTypes: [{ onSale: true }, { onSale: true }] } })
  })

  it('resumes after Last-Event-ID, and gives a snapshot where that is unknown or too old', async () => {
    const { showtimeId } = await givenShowtime(db.database)
    const first = await watch('showtimes', showtimeId)
    await first.next()
    signal(showtimeId, await takeSeats(db.database, showtimeId, ['A1']))
    await first.next()
    signal(showtimeId, await takeSeats(db.database, showtimeId, ['A2']))
    await first.next()

    const behind = await watch('showtimes', showtimeId, 0)
    expect(await behind.next()).toMatchObject({ event: 'change', id: '1', data: { taken: ['A1'] } })
    expect(await behind.next()).toMatchObject({ event: 'change', id: '2', data: { taken: ['A2'] } })
    const level = await watch('showtimes', showtimeId, 2)
    signal(showtimeId, await takeSeats(db.database, showtimeId, ['A3']))
    for (const stream of [behind, level]) {
      expect(await stream.next()).toMatchObject({ event: 'change', id: '3', data: { taken: ['A3'] } })
    }
    expect(await (await watch('showtimes', showtimeId, 77)).next()).toMatchObject({ event: 'snapshot', id: '3' })
  })

  it('gives a snapshot to whom it cannot tell all changes any more', async () => {
    const { showtimeId } = await givenShowtime(db.database)
    const messages: AvailabilityMessage[] = []
    let arrived = Promise.withResolvers<void>()
    const watcher = {
      send: (message: AvailabilityMessage) => {
        messages.push(message)
        arrived.resolve()
      },
      end: () => {},
    }
    const quick = new AvailabilityHub(service, logger, 0)
    const stop = await quick.watch(showtimeId, 'showtime', null, watcher)
    for (let count = 0; count < 65; count += 1) {
      arrived = Promise.withResolvers()
      const change = count % 2 === 0 ? takeSeats : releaseSeats
      signal(showtimeId, await change(db.database, showtimeId, ['B1']))
      await arrived.promise
    }
    expect(messages).toHaveLength(66)
    stop?.()
    const resume = async (lastVersion: number) => {
      messages.length = 0
      const stopAgain = await quick.watch(showtimeId, 'showtime', lastVersion, watcher)
      stopAgain?.()
      return messages.map(({ event, id }) => `${event} ${id}`)
    }
    expect(await resume(0)).toEqual(['snapshot 65'])
    expect(await resume(1)).toEqual(Array.from({ length: 64 }, (_, index) => `change ${index + 2}`))
    expect(await resume(64)).toEqual(['change 65'])
    expect(await resume(65)).toEqual([])
    expect(await resume(66)).toEqual(['snapshot 65'])
    quick.close()
  })

  it('begins with nothing older than the last signal, whatever was being read when it came', async () => {
    const { showtimeId } = await givenShowtime(db.database)
    const hold = observed.holdResults('seat_allocations')
    const early = watch('showtimes', showtimeId)
    await hold.held
    signal(showtimeId, await takeSeats(db.database, showtimeId, ['A1']))
    const messages: AvailabilityMessage[] = []
    const watcher = { send: (message: AvailabilityMessage) => messages.push(message), end: () => {} }
    const late = hub.watch(showtimeId, 'showtime', null, watcher)
    hold.release()
    const stop = await late
    expect(messages[0]).toMatchObject({ event: 'snapshot', id: '1' })
    stop?.()
    await (await early).next()
  })

  it('resumes also where nobody watched in between, in one step', async () => {
    const { showtimeId } = await givenShowtime(db.database)
    const first = await watch('showtimes', showtimeId)
    await first.next()
    first.close()
    await first.ended
    signal(showtimeId, await takeSeats(db.database, showtimeId, ['A1']))
    signal(showtimeId, await takeSeats(db.database, showtimeId, ['A2']))
    const again = await watch('showtimes', showtimeId, 0)
    expect(await again.next()).toMatchObject({ event: 'change', id: '2', data: { taken: ['A1', 'A2'] } })
  })

  it('hears of what a lost signal did not tell, after a gap at once and otherwise within a second or two', async () => {
    const { showtimeId } = await givenShowtime(db.database)
    const stream = await watch('showtimes', showtimeId)
    await stream.next()
    await takeSeats(db.database, showtimeId, ['A1'])
    service.onGap()
    expect(await stream.next(900)).toMatchObject({ id: '1' })
    await takeSeats(db.database, showtimeId, ['A2'])
    expect(await stream.next(2_500)).toMatchObject({ id: '2' })
  })

  it('sends a snapshot where a change cannot say what is new, and ends when the showtime is withdrawn', async () => {
    const { showtimeId } = await givenShowtime(db.database)
    const stream = await watch('showtimes', showtimeId)
    await stream.next()
    signal(
      showtimeId,
      await changeResource(db.database, showtimeId, 'update showtime_prices set price = 7 where showtime_id = $1'),
    )
    expect(await stream.next()).toMatchObject({ event: 'snapshot', id: '1', data: { categories: [{ price: 7 }] } })
    signal(
      showtimeId,
      await changeResource(db.database, showtimeId, "update showtimes set status = 'draft' where id = $1"),
    )
    await stream.ended
    expect((await get(`${path('showtimes', showtimeId)}/stream`)).status).toBe(404)
  })

  it('is for all addresses: one may have a part of what is left, and the next one comes in at once', async () => {
    const { showtimeId } = await givenShowtime(db.database)
    watchers = new AddressShares({ total: 24 })
    await serveAgain()
    const statuses = []
    for (let index = 0; index < 5; index++) statuses.push(await statusOfStream(showtimeId, '127.0.0.2'))
    expect(statuses).toEqual([200, 200, 429, 429, 429])
    expect(await statusOfStream(showtimeId, '127.0.0.3')).toBe(200)
    for (const request of streamRequests.splice(0)) request.destroy()
    await expect.poll(() => watchers.used).toBe(0)
    expect(await statusOfStream(showtimeId, '127.0.0.2')).toBe(200)
  })

  it('is all for one address where nobody shares: the control', async () => {
    const { showtimeId } = await givenShowtime(db.database)
    watchers = new AddressShares({ total: Number.POSITIVE_INFINITY })
    await serveAgain()
    for (let index = 0; index < 5; index++) expect(await statusOfStream(showtimeId, '127.0.0.2')).toBe(200)
  })

  it('costs one read for 100 watchers', async () => {
    const { showtimeId } = await givenShowtime(db.database)
    const streamsOpen = await Promise.all(Array.from({ length: 100 }, () => watch('showtimes', showtimeId)))
    for (const stream of streamsOpen) expect(await stream.next()).toMatchObject({ event: 'snapshot', id: '0' })
    const reads = () => observed.statements.filter(({ text }) => text.includes('seat_allocations')).length
    expect(reads()).toBe(1)
    signal(showtimeId, await takeSeats(db.database, showtimeId, ['A1']))
    for (const stream of streamsOpen) expect(await stream.next()).toMatchObject({ event: 'change', id: '1' })
    expect(reads()).toBe(2)
  })
})
