import { beforeEach, describe, expect, test } from 'vitest'
import { listFeed } from '@boxoffice/core/outbox/queries/list-feed.ts'
import { cancelBooking } from '@boxoffice/core/bookings/cancel-booking.ts'
import { publishOutgoingEvents } from '@boxoffice/core/outbox/publish-outgoing-events.ts'
import { createEndpoint } from '@boxoffice/core/webhooks/create-endpoint.ts'
import { type GivenShowtime, givenShowtime } from '../support/catalogue.ts'
import { sharedDatabase } from '../support/database.ts'
import { seatsRequest, sharedEngine } from '../support/engine.ts'
import { buyerOf, type GivenBooking, sharedLifecycle } from '../support/lifecycle.ts'

let house: GivenShowtime
const db = sharedDatabase()
const engine = sharedEngine(db)
const lifecycle = sharedLifecycle(db)
beforeEach(async () => {
  house = await givenShowtime(db.database, { lane: 0 })
})

/** Submits a request that is decided in a batch of its own; returns its id. */
async function ask(...seats: string[]): Promise<string> {
  const { view } = await engine.line.accept(seatsRequest(house.showtimeId, seats))
  await engine.decideWaiting(0)
  return view.id
}

/** Returns the record of a request: its outcome, and the numbers of its audit rows and outgoing events. */
async function recordOf(requestId: string) {
  const { rows } = await db.database.pool.query<{ outcome: string; audited: number; announced: number }>(
    `select coalesce(refusal->>'code', state) as outcome,
       (select count(*)::int from audit where request_id = q.id::text) as audited,
       (select count(*)::int from outbox where entity_id in (q.id, q.booking_id)) as announced
     from booking_requests q where id = $1`,
    [requestId],
  )
  return rows[0]
}

/** Moves the last change of the house's inventory so far into the past. */
const age = (interval: string) =>
  db.database.pool.query('update resource_state set changed_at = changed_at - $2::interval where resource_id = $1', [
    house.showtimeId,
    interval,
  ])

const listen = (eventTypes: string[], organizerId: string | null = house.organizerId) =>
  createEndpoint(db.database, {
    organizerId,
    url: 'https://shop.example/hook',
    description: '',
    eventTypes,
    actor: 'test',
    requestId: 'test',
    keyed: null,
  })

const deliveriesTo = async (endpointId: string) => {
  const { rows } = await db.database.pool.query<{ type: string }>(
    'select event_type as type from webhook_deliveries where endpoint_id = $1 order by event_type',
    [endpointId],
  )
  return rows.map(({ type }) => type)
}

describe('a refusal that says nothing new', () => {
  test('is kept by its request alone: a seat that there is not, and one taken more than a minute ago', async () => {
    await ask('A1')
    await age('61 seconds')
    expect(await recordOf(await ask('Z99'))).toEqual({ outcome: 'invalid_seat', audited: 0, announced: 0 })
    expect(await recordOf(await ask('A1'))).toEqual({ outcome: 'seat_unavailable', audited: 0, announced: 0 })
  })

  test('stays out of the feed, and out of the way of what is told', async () => {
    await ask('A1')
    await age('1 hour')
    await publishOutgoingEvents(lifecycle.database)
    const before = await listFeed(db.database.pool, house.organizerId, 0, 100, null)
    for (let time = 0; time < 5; time += 1) await ask('A1')
    expect(await publishOutgoingEvents(lifecycle.database)).toBe(0)
    expect(await listFeed(db.database.pool, house.organizerId, 0, 100, null)).toEqual(before)
  })
})

describe('a refusal that says something new', () => {
  test('is recorded: somebody was faster by less than a minute', async () => {
    await ask('A1')
    await age('50 seconds')
    expect(await recordOf(await ask('A1'))).toEqual({ outcome: 'seat_unavailable', audited: 1, announced: 1 })
  })

  test('is recorded: somebody was faster in the same batch', async () => {
    const [, last] = await Promise.all(
      ['first', 'last'].map((owner) => engine.line.accept(seatsRequest(house.showtimeId, ['A1'], { owner }))),
    )
    await engine.decideWaiting(0)
    expect(await recordOf(last?.view.id ?? '')).toEqual({ outcome: 'seat_unavailable', audited: 1, announced: 1 })
  })

  test('is recorded: places came back not long ago, and these are not among them', async () => {
    const booked = await ask('A1')
    await ask('A2')
    await age('1 hour')
    const { rows } = await db.database.pool.query<GivenBooking>(
      `select id, reference, owner from bookings where request_id = $1`,
      [booked],
    )
    const [booking] = rows
    if (booking === undefined) throw new Error('not booked')
    const order = { reference: booking.reference, caller: buyerOf(booking), requestId: 'test', keyed: null }
    await cancelBooking(lifecycle, order)
    expect(await recordOf(await ask('A2'))).toEqual({ outcome: 'seat_unavailable', audited: 1, announced: 1 })
  })
})

describe('webhook endpoints', () => {
  test.each([
    ['of the organizer that name it', () => listen(['booking_request.refused'])],
    ['of the organizer that name its family', () => listen(['booking.confirmed', 'booking_request.*'])],
    ["of everybody's events that name it", () => listen(['booking_request.refused'], null)],
  ])('%s have every refusal recorded, and get it', async (_, create) => {
    const { id } = await create()
    expect(await recordOf(await ask('Z99'))).toEqual({ outcome: 'invalid_seat', audited: 1, announced: 1 })
    await publishOutgoingEvents(lifecycle.database)
    expect(await deliveriesTo(id)).toContain('booking_request.refused')

    await db.database.pool.query('update webhook_endpoints set deleted_at = now() where id = $1', [id])
    expect(await recordOf(await ask('Z99'))).toEqual({ outcome: 'invalid_seat', audited: 0, announced: 0 })
  })

  test('without types get all but refusals, however new those are', async () => {
    const { id } = await listen([])
    await ask('A1')
    expect(await recordOf(await ask('Z99'))).toEqual({ outcome: 'invalid_seat', audited: 0, announced: 0 })
    expect(await recordOf(await ask('A1'))).toEqual({ outcome: 'seat_unavailable', audited: 1, announced: 1 })
    await publishOutgoingEvents(lifecycle.database)
    const types = await deliveriesTo(id)
    expect(types.filter((type) => type.startsWith('booking'))).toEqual(['booking.created'])
    expect(types).toContain('webhook_endpoint.created')
  })

  test('of another organizer make no difference', async () => {
    const { organizerId } = await givenShowtime(db.database)
    await listen(['booking_request.refused'], organizerId)
    expect(await recordOf(await ask('Z99'))).toEqual({ outcome: 'invalid_seat', audited: 0, announced: 0 })
  })
})
