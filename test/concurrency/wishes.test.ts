import { BatchSizes } from '@boxoffice/core/booking-requests/deciding/batch-sizes.ts'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BatchFailedError, decideNextBatch } from '@boxoffice/core/booking-requests/deciding/decide-lines.ts'
import { cancelBooking } from '@boxoffice/core/bookings/cancel-booking.ts'
import { giveBack, keepPlaces } from '@boxoffice/core/catalogue/blocks/keep-places.ts'
import { createEvent } from '@boxoffice/core/catalogue/create-event.ts'
import { createLayout } from '@boxoffice/core/catalogue/create-layout.ts'
import { createThing } from '@boxoffice/core/catalogue/plain-thing.ts'
import { auditoriums, venues } from '@boxoffice/core/catalogue/plain-things.ts'
import { inTransaction } from '@boxoffice/core/db/transaction.ts'
import type { Payload, Submission } from '@boxoffice/core/domain/booking-request.ts'
import type { SentWish } from '@boxoffice/core/domain/wish.ts'
import { Seatings } from '@boxoffice/core/inventory/seatings.ts'
import { givenOrganizer } from '../support/catalogue.ts'
import { sharedDatabase } from '../support/database.ts'
import { type Engine, openEngine, seatsRequest } from '../support/engine.ts'
import { TEST_LANES } from '../support/lanes.ts'
import { closeLifecycles, openLifecycle, staffOf } from '../support/lifecycle.ts'
import { findViolations } from '../support/lifecycle-invariants.ts'
import { endRaising, raiseAt } from '../support/raise-at.ts'

// Wishes are decided on what is kept in memory of a house. It must be what the tables say, whoever changes them.

const BY = { actor: 'test', requestId: null }
const db = sharedDatabase()
let engine: Engine
beforeAll(() => {
  engine = openEngine(db)
})
afterAll(async () => {
  await engine.close()
  await closeLifecycles()
})

interface Concert {
  readonly id: string
  readonly organizerId: string
  readonly parking: string
}

/** Creates an event with two rows of six seats, a floor of eight places and three places to park. */
async function givenConcert(singleSeats: 'allow' | 'refuse' = 'allow'): Promise<Concert> {
  const { organizerId } = await givenOrganizer(db.database)
  return inTransaction(db.database, async (tx) => {
    const venueId = await createThing(tx, venues, BY, { organizerId, name: 'Harbour', timeZone: 'Europe/Lisbon' })
    const auditoriumId = await createThing(tx, auditoriums, BY, { organizerId, venueId, name: 'One' })
    await createLayout(tx, {
      ...BY,
      organizerId,
      auditoriumId,
      categories: ['Front', 'Back', 'Standing'],
      rows: ['A', 'B'].map((label, y) => ({
        label,
        seats: Array.from({ length: 6 }, (_, x) => ({ number: x + 1, x, y, category: y === 0 ? 'Front' : 'Back' })),
      })),
      areas: [{ label: 'Floor', category: 'Standing', capacity: 8 }],
    })
    const { eventId, ticketTypeIds } = await createEvent(tx, {
      ...BY,
      organizerId,
      lanes: TEST_LANES,
      lane: 0,
      auditoriumId,
      title: 'Night of Choirs',
      venue: 'Old Harbour',
      timeZone: 'Europe/Lisbon',
      startsAt: new Date(Date.now() + 86_400_000),
      endsAt: new Date(Date.now() + 90_000_000),
      status: 'published',
      currency: 'EUR',
      singleSeats,
      rates: [
        { code: 'adult', name: 'Adult' },
        { code: 'child', name: 'Child', needs: 'adult' },
      ],
      prices: [
        { category: 'Front', price: 3_000, rates: { child: 1_500 } },
        { category: 'Back', price: 2_000 },
        { category: 'Standing', price: 1_000 },
      ],
      ticketTypes: [{ name: 'Parking', price: 500, capacity: 3 }],
    })
    return { id: eventId, organizerId, parking: ticketTypeIds[0] ?? '' }
  })
}

const wanting = ({ id }: Concert, wish: Partial<Payload>): Submission => {
  const request = seatsRequest(id, [])
  const { seats: _, ...payload } = request.payload
  return { ...request, kind: 'event', payload: { ...payload, ...wish } }
}

/** Accepts a request and has it decided; returns its seats in order, or the code of its refusal. */
async function decide(concert: Concert, wish: Partial<Payload>, by = engine): Promise<readonly string[] | string> {
  const { view } = await by.line.accept(wanting(concert, wish))
  const batches = await by.decideWaiting(0)
  const outcome = batches.flatMap((batch) => batch.outcomes).find(({ id }) => id === view.id)
  return outcome?.refusal?.code ?? seatsOf(view.id)
}

async function seatsOf(requestId: string): Promise<string[]> {
  const { rows } = await db.database.pool.query<{ seat: string }>(
    `select i.seat_label as seat from booking_items i join bookings b on b.id = i.booking_id
     where b.request_id = $1 and i.seat_label is not null order by 1`,
    [requestId],
  )
  return rows.map(({ seat }) => seat)
}

const BEST: Partial<Payload> = { best: { quantity: 2, category: 'Front' } }

describe('the best seats in several rows', () => {
  it('weigh more in a batch than neighbours, as they look at the whole house', async () => {
    const own = openEngine(db, { sizes: new BatchSizes({ maxPlaces: 1_000 }) })
    const batchesOf = async (together: boolean) => {
      const concert = await givenConcert()
      for (let buyer = 0; buyer < 4; buyer += 1) {
        await own.line.accept(wanting(concert, { best: { quantity: 1, together } }))
      }
      return (await own.decideWaiting(0)).map(({ outcomes }) => outcomes.length)
    }
    try {
      expect(await batchesOf(true)).toEqual([4])
      expect(await batchesOf(false)).toEqual([2, 2])
    } finally {
      await own.close()
    }
  })
})

describe('what is kept of a house', () => {
  it('is the same as what is read anew, after every kind of change', async () => {
    const concert = await givenConcert()
    const { id, organizerId } = concert
    const lifecycle = openLifecycle(db)
    expect(await decide(concert, BEST)).toEqual(['A3', 'A4'])
    expect(await decide(concert, BEST)).toEqual(['A1', 'A2'])

    const { rows } = await db.database.pool.query<{ reference: string; resourceId: string; organizerId: string }>(
      `select reference, resource_id as "resourceId", organizer_id as "organizerId" from bookings b
       where resource_id = $1 order by id limit 1`,
      [id],
    )
    const [first] = rows
    if (first === undefined) throw new Error('nothing was booked')
    await cancelBooking(lifecycle, { ...first, caller: staffOf(first), requestId: 'test', keyed: null })
    expect(await decide(concert, BEST)).toEqual(['A3', 'A4'])

    const block = { ...BY, kind: 'event', resourceId: id, organizerId, reason: 'Press', keyed: null } as const
    const kept = await inTransaction(db.database, (tx) => keepPlaces(tx, { ...block, seats: ['A5'], areas: [] }))
    expect(await decide(concert, BEST)).toBe('seat_unavailable')
    await inTransaction(db.database, (tx) => giveBack(tx, { ...block, blockId: kept.id, places: null }))
    expect(await decide(concert, BEST)).toEqual(['A5', 'A6'])

    const other = openEngine(db)
    try {
      expect(await decide(concert, { best: { quantity: 3 } }, other)).toEqual(['B1', 'B2', 'B3'])
    } finally {
      await other.close()
    }
    expect(await decide(concert, { best: { quantity: 3 } })).toEqual(['B4', 'B5', 'B6'])
    expect(await decide(concert, { best: { quantity: 1 } })).toBe('seat_unavailable')
    expect(await findViolations(db)).toEqual([])
  })

  it('would sell what is taken if it did not go by the version: the control', async () => {
    const concert = await givenConcert()
    const seatings = new Seatings()
    const stale: Pick<Seatings, 'read' | 'keep' | 'forget'> = {
      forget: () => undefined,
      read: (executor, wanted) =>
        seatings.read(
          executor,
          wanted.map((one) => ({ ...one, version: 0 })),
        ),
      keep: (of, seating) => {
        if (of.version === 1) seatings.keep({ ...of, version: 0 }, seating)
      },
    }
    const own = openEngine(db, { seatings: stale })
    try {
      expect(await decide(concert, BEST, own)).toEqual(['A3', 'A4'])
      expect(await decide(concert, BEST)).toEqual(['A1', 'A2'])
      // The primary key is the last guard.
      expect(await decide(concert, BEST, own)).toBe('internal_error')
    } finally {
      await own.close()
    }
  })

  it('is read anew once something failed, for a restored database has other seats under the same version', async () => {
    const concert = await givenConcert()
    const seatings = new Seatings()
    const own = openEngine(db, { seatings })
    try {
      expect(await decide(concert, BEST, own)).toEqual(['A3', 'A4'])
      expect(await decide(concert, BEST)).toEqual(['A1', 'A2'])
      // As if what was lost had not been this one's.
      await db.database.pool.query('update resource_state set version = version - 1 where resource_id = $1', [
        concert.id,
      ])
      expect(await decide(concert, BEST, own)).toBe('internal_error')
      expect(await decide(concert, BEST, own)).toEqual(['A5', 'A6'])
    } finally {
      await own.close()
    }
  })

  it('is not what a batch has made of it that was rolled back', async () => {
    const concert = await givenConcert()
    expect(await decide(concert, BEST)).toEqual(['A3', 'A4'])
    const { view } = await engine.line.accept(wanting(concert, BEST))
    await raiseAt(db, { insert: 'audit', forEachRow: `new.action = 'booking.created'`, state: '40001' })
    await expect(decideNextBatch(engine.deciding, [concert.id], 'wait')).rejects.toThrow(BatchFailedError)
    await endRaising(db)
    await decideNextBatch(engine.deciding, [concert.id], 'wait')
    expect(await seatsOf(view.id)).toEqual(['A1', 'A2'])
  })
})

describe('a batch', () => {
  const seat = fc.constantFrom('A1', 'A2', 'A3', 'B1', 'B2', 'B6', 'Z9')
  const rate = fc.constantFrom('adult', 'child', 'dog', undefined)
  const best = fc.record({
    quantity: fc.integer({ min: 1, max: 4 }),
    category: fc.constantFrom('Front', 'Back', undefined),
    together: fc.boolean(),
  })
  const areas = fc.array(fc.record({ area: fc.constantFrom('Floor', 'Roof'), quantity: fc.nat({ max: 4 }), rate }), {
    minLength: 1,
    maxLength: 2,
  })
  const wish: fc.Arbitrary<SentWish & { readonly parking?: number }> = fc.oneof(
    fc.record({ seats: fc.array(fc.oneof(seat, fc.record({ seat, rate })), { minLength: 1, maxLength: 3 }) }),
    fc.record({ best }),
    fc.record({ areas }),
    fc.record({ areas, parking: fc.integer({ min: 1, max: 2 }) }),
  )

  it('of many decides wishes exactly as batches of one do', async () => {
    const history = fc.array(fc.array(wish, { minLength: 1, maxLength: 3 }), { minLength: 10, maxLength: 25 })
    await fc.assert(
      fc.asyncProperty(history, fc.constantFrom('allow', 'refuse'), async (requests, singleSeats) => {
        const told = async (concert: Concert, together: boolean) => {
          const ids: string[] = []
          for (const wishes of requests) {
            const sent = wishes.map(({ parking, ...own }) =>
              parking === undefined ? own : { ...own, tickets: [{ ticketTypeId: concert.parking, quantity: parking }] },
            )
            ids.push((await engine.line.accept(wanting(concert, { wishes: sent }))).view.id)
            if (!together) await engine.decideWaiting(0)
          }
          if (together) expect(await engine.decideWaiting(0)).toHaveLength(1)
          return outcomesOf(ids)
        }
        const [one, other] = [await givenConcert(singleSeats), await givenConcert(singleSeats)]
        expect(await told(one, true)).toEqual(await told(other, false))
        expect(await findViolations(db)).toEqual([])
      }),
      { numRuns: 6, endOnFailure: true },
    )
  })

  /** Returns state, wish, price, places and reasons of requests, without what is drawn anew each time. */
  async function outcomesOf(ids: readonly string[]): Promise<unknown[]> {
    const { rows } = await db.database.pool.query(
      `select q.state, q.wish, b.total, q.refusal->>'code' as code,
         (select jsonb_agg(w->>'code') from jsonb_array_elements(q.refusal->'wishes') as w) as codes,
         (select jsonb_agg(jsonb_build_array(seat_label, area_label, ticket_type_id is not null, rate, quantity, unit_price)
            order by position) from booking_items where booking_id = b.id) as items
       from unnest($1::uuid[]) with ordinality as i(id, n) join booking_requests q on q.id = i.id
       left join bookings b on b.id = q.booking_id order by i.n`,
      [ids],
    )
    return rows
  }
})
