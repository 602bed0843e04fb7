import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isTransient, sqlState } from '@boxoffice/core/db/sql-errors.ts'
import type { Outcome } from '@boxoffice/core/domain/booking-request.ts'
import { inTransaction } from '@boxoffice/core/db/transaction.ts'
import { lockInventory } from '@boxoffice/core/inventory/queries/lock-inventory.ts'
import { releaseInventory } from '@boxoffice/core/inventory/queries/release-inventory.ts'
import { takeInventory } from '@boxoffice/core/inventory/queries/take-inventory.ts'
import { decideNextBatch } from '@boxoffice/core/booking-requests/deciding/decide-lines.ts'
import { givenEvent, givenOrganizer, givenPromoCode } from '../support/catalogue.ts'
import { createTestDatabase, type TestDatabase, sharedDatabase } from '../support/database.ts'
import { type Engine, openEngine, ticketsRequest } from '../support/engine.ts'
import { interceptTransactions, withoutRowLocks } from '../support/intercepted-database.ts'
import { holdLock, waitForBlocked } from '../support/locks.ts'
import { openFlood } from './flood.ts'
import { codesOf, race, readOutcomes } from './races.ts'

/** Races for a promo code, the one thing that two lines share, so they really meet at its counter. */

let engines: readonly [Engine, Engine]
const db = sharedDatabase()
beforeAll(async () => {
  engines = [openEngine(db), openEngine(db)]
})
afterAll(() => Promise.all(engines.map((engine) => engine.close())))

interface Limits {
  readonly maxTickets?: number
  readonly maxTicketsPerBooking?: number
  readonly maxRedemptions?: number
  readonly maxPerCustomer?: number
}

/** Creates two events of one organizer in two lanes, and one promo code for both. */
async function givenTwoEventsAndOneCode(on: TestDatabase, limits: Limits) {
  const { organizerId } = await givenOrganizer(on.database)
  const events = await Promise.all([0, 1].map((lane) => givenEvent(on.database, { organizerId, lane })))
  const { code, promoCodeId } = await givenPromoCode(on.database, { organizerId, ...limits })
  const request = (
    line: 0 | 1,
    customerKeys: readonly string[] = [`o:${Math.random()}`],
    promoCode = code,
    quantity = 1,
  ) => {
    const { eventId = '', ticketTypeIds = [] } = events[line] ?? {}
    const tickets = [{ ticketTypeId: ticketTypeIds[0] ?? '', quantity }]
    const submission = ticketsRequest(eventId, tickets, { customerKeys })
    return { ...submission, payload: { ...submission.payload, promoCode } }
  }
  const [first = '', second = ''] = events.map(({ eventId }) => eventId)
  return { organizerId, promoCodeId, request, eventIds: [first, second] as const }
}

async function redeemed(on: TestDatabase, promoCodeId: string) {
  const { rows } = await on.database.pool.query<{ redeemed: number; bookings: number }>(
    `select redeemed, (select count(*) from bookings b where b.promo_code_id = s.promo_code_id) as bookings
     from promo_code_state s where promo_code_id = $1`,
    [promoCodeId],
  )
  return rows[0]
}

/** Returns the places that a code is counted for, and those that live bookings have of it. */
async function ticketsOf(on: TestDatabase, promoCodeId: string) {
  const { rows } = await on.database.pool.query<{ tickets: number; live: number }>(
    `select tickets, (select coalesce(sum(promo_tickets), 0)::int from bookings b
       where b.promo_code_id = s.promo_code_id and b.status <> 'cancelled') as live
     from promo_code_state s where promo_code_id = $1`,
    [promoCodeId],
  )
  const [row] = rows
  if (row === undefined) throw new Error('the code has no state')
  return row
}

async function idOf(reference: string): Promise<string> {
  const { rows } = await db.database.pool.query<{ id: string }>('select id from bookings where reference = $1', [
    reference,
  ])
  return rows[0]?.id ?? ''
}

async function placesOf(bookingId: string): Promise<number> {
  const text = 'select promo_tickets as places from bookings where id = $1'
  const { rows } = await db.database.pool.query<{ places: number }>(text, [bookingId])
  return rows[0]?.places ?? 0
}

/** Returns a draw of whole numbers below a bound: a linear congruence (Numerical Recipes, 7.1). */
function drawFrom(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32
    return Math.floor((state / 2 ** 32) * below)
  }
}

const unguarded = (database: Engine['intake']) => withoutRowLocks(database, /^lock-promo-codes$/)
const countOf = (outcomes: readonly Pick<Outcome, 'state' | 'refusal'>[], code: string) =>
  codesOf(outcomes).filter((found) => found === code).length

describe('a promo code with one redemption left, decided in two lines at the same moment', () => {
  async function givenRace(on: TestDatabase, limits: Limits) {
    const given = await givenTwoEventsAndOneCode(on, limits)
    const engine = openEngine(on)
    for (const line of [0, 1] as const) await engine.line.accept(given.request(line, ['o:same']))
    await engine.close()
    return given
  }

  it('is redeemed twice without its lock and CHECK: the control', async () => {
    const bare = await createTestDatabase()
    try {
      await bare.database.pool.query('alter table promo_code_state drop constraint promo_code_state_within_limit')
      const { promoCodeId, eventIds } = await givenRace(bare, { maxRedemptions: 1 })
      expect(codesOf(await race(bare, eventIds, unguarded))).toEqual(['booked', 'booked'])
      expect(await redeemed(bare, promoCodeId)).toEqual({ redeemed: 2, bookings: 2 })
    } finally {
      await bare.drop()
    }
  })

  it('is redeemed once by the CHECK alone', async () => {
    const { promoCodeId, eventIds } = await givenRace(db, { maxRedemptions: 1 })
    expect(codesOf(await race(db, eventIds, unguarded))).toEqual(['internal_error', 'booked'])
    expect(await redeemed(db, promoCodeId)).toEqual({ redeemed: 1, bookings: 1 })
  })

  it('is redeemed once, and the second one hears that it is exhausted, by its lock', async () => {
    const { promoCodeId, eventIds } = await givenRace(db, { maxRedemptions: 1 })
    expect(codesOf(await race(db, eventIds))).toEqual(['booked', 'promo_exhausted'])
    expect(await redeemed(db, promoCodeId)).toEqual({ redeemed: 1, bookings: 1 })
  })

  it('is used twice by one customer without its lock: the control of the limit per customer', async () => {
    const { promoCodeId, eventIds } = await givenRace(db, { maxPerCustomer: 1 })
    expect(codesOf(await race(db, eventIds, unguarded))).toEqual(['booked', 'booked'])
    expect(await redeemed(db, promoCodeId)).toEqual({ redeemed: 2, bookings: 2 })
  })

  it('is used once by one customer, by its lock', async () => {
    const { promoCodeId, eventIds } = await givenRace(db, { maxPerCustomer: 1 })
    expect(codesOf(await race(db, eventIds))).toEqual(['booked', 'promo_exhausted'])
    expect(await redeemed(db, promoCodeId)).toEqual({ redeemed: 1, bookings: 1 })
  })
})

describe('a promo code with three places left, of which two lines want two each at the same moment', () => {
  const limits = { maxTickets: 3 }

  async function givenRace(on: TestDatabase) {
    const given = await givenTwoEventsAndOneCode(on, limits)
    const engine = openEngine(on)
    for (const line of [0, 1] as const) await engine.line.accept(given.request(line, undefined, undefined, 2))
    await engine.close()
    return given
  }

  it('is used for four without its lock and CHECK: the control', async () => {
    const bare = await createTestDatabase()
    try {
      await bare.database.pool.query('alter table promo_code_state drop constraint promo_code_state_tickets')
      const { promoCodeId, eventIds } = await givenRace(bare)
      expect(codesOf(await race(bare, eventIds, unguarded))).toEqual(['booked', 'booked'])
      expect(await ticketsOf(bare, promoCodeId)).toEqual({ tickets: 4, live: 4 })
    } finally {
      await bare.drop()
    }
  })

  it('is used for two by the CHECK alone', async () => {
    const { promoCodeId, eventIds } = await givenRace(db)
    expect(codesOf(await race(db, eventIds, unguarded))).toEqual(['internal_error', 'booked'])
    expect(await ticketsOf(db, promoCodeId)).toEqual({ tickets: 2, live: 2 })
  })

  it('is used for two, and the second one hears how many are left, by its lock', async () => {
    const { promoCodeId, eventIds } = await givenRace(db)
    const outcomes = await race(db, eventIds)
    expect(codesOf(outcomes)).toEqual(['booked', 'promo_exhausted'])
    expect(outcomes.map(({ refusal }) => refusal?.available)).toEqual([undefined, 1])
    expect(await ticketsOf(db, promoCodeId)).toEqual({ tickets: 2, live: 2 })
  })
})

describe('any sequence of bookings, ends and reinstatements', () => {
  it('conserves redemptions and places of a promo code (I6)', async () => {
    const given = await givenTwoEventsAndOneCode(db, { maxTickets: 40, maxTicketsPerBooking: 3 })
    const { promoCodeId, request, eventIds } = given
    const [engine] = engines
    const live = new Set<string>()
    const ended: string[] = []
    // The same numbers in each run.
    const draw = drawFrom(20_260)
    for (let step = 0; step < 60; step++) {
      const action = draw(3)
      const [first] = [...live].slice(draw(Math.max(1, live.size)))
      if (action === 0 || (action === 1 && first === undefined) || (action === 2 && ended.length === 0)) {
        await engine.line.accept(request(0, undefined, undefined, 1 + draw(4)))
        const { outcomes } = await decideNextBatch(engine.deciding, [eventIds[0]], 'wait')
        for (const { booking } of outcomes) if (booking !== null) live.add(await idOf(booking.reference))
      } else if (action === 1 && first !== undefined) {
        await release(first)
        live.delete(first)
        ended.push(first)
      } else {
        const again = ended.shift() ?? ''
        if ((await ticketsOf(db, promoCodeId)).tickets + (await placesOf(again)) > 40) continue
        await take(again)
        live.add(again)
      }
      const expected = await Promise.all([...live].map(placesOf))
      const { rows } = await db.database.pool.query(
        'select redeemed, tickets from promo_code_state where promo_code_id = $1',
        [promoCodeId],
      )
      expect(rows).toEqual([{ redeemed: live.size, tickets: expected.reduce((sum, places) => sum + places, 0) }])
    }
    expect([live.size > 0, ended.length > 0]).toEqual([true, true])

    async function release(bookingId: string): Promise<void> {
      await inTransaction(db.database, async (tx) => {
        await lockInventory(tx, [eventIds[0]], [promoCodeId])
        await releaseInventory(tx, eventIds[0], [bookingId])
      })
    }

    async function take(bookingId: string): Promise<void> {
      await inTransaction(db.database, async (tx) => {
        await lockInventory(tx, [eventIds[0]], [promoCodeId])
        await takeInventory(tx, eventIds[0], bookingId)
      })
    }
  })
})

describe('a promo code that two lines wait for', () => {
  async function decideBothWhileLocked(promoCodeId: string, eventIds: readonly string[]): Promise<Outcome[]> {
    const held = await holdLock(db, 'select from promo_code_state where promo_code_id = $1 for no key update', [
      promoCodeId,
    ])
    try {
      const deciding = Promise.all(
        engines.map((engine, line) => decideNextBatch(engine.deciding, eventIds.slice(line, line + 1), 'wait')),
      )
      await waitForBlocked(db, { by: held, count: 2 })
      await held.release()
      return (await deciding).flatMap((batch) => batch.outcomes)
    } finally {
      await held.release()
    }
  }

  it('is redeemed exactly as often as it may be', async () => {
    const { promoCodeId, request, eventIds } = await givenTwoEventsAndOneCode(db, { maxRedemptions: 7 })
    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        engines[index < 10 ? 0 : 1].line.accept(request(index % 2 === 0 ? 0 : 1)),
      ),
    )
    const outcomes = await decideBothWhileLocked(promoCodeId, eventIds)
    expect(countOf(outcomes, 'booked')).toBe(7)
    expect(countOf(outcomes, 'promo_exhausted')).toBe(13)
    expect(await redeemed(db, promoCodeId)).toEqual({ redeemed: 7, bookings: 7 })
  })

  it('is used by each customer exactly as often as they may', async () => {
    const { promoCodeId, request, eventIds } = await givenTwoEventsAndOneCode(db, { maxPerCustomer: 2 })
    // Everybody comes three times to each line, once under another name with the same e-mail address.
    for (let person = 0; person < 4; person++) {
      for (const line of [0, 1] as const) {
        for (const owner of [`o:${person}`, `o:${person}`, `o:${person}-again`]) {
          await engines[line].line.accept(request(line, [owner, `e:${person}`]))
        }
      }
    }
    const outcomes = await decideBothWhileLocked(promoCodeId, eventIds)
    expect(countOf(outcomes, 'booked')).toBe(8)
    expect(countOf(outcomes, 'promo_exhausted')).toBe(16)
    const { rows } = await db.database.pool.query(
      `select redeemed, count(*) from promo_code_customers
       where promo_code_id = $1 and customer_key like 'e:%' group by redeemed`,
      [promoCodeId],
    )
    expect(rows).toEqual([{ redeemed: 2, count: 4 }])
  })
})

describe('two lines that want the same promo codes in opposite order', () => {
  /** Creates two codes and returns them in the order of their ids. */
  async function givenTwoCodes() {
    const given = await givenTwoEventsAndOneCode(db, {})
    const second = await givenPromoCode(db.database, { organizerId: given.organizerId, code: 'OTHER' })
    const codes = [{ code: 'SAVE20', promoCodeId: given.promoCodeId }, second].sort((a, b) =>
      a.promoCodeId < b.promoCodeId ? -1 : 1,
    )
    return { ...given, codes }
  }

  const LOCK = 'select from promo_code_state where promo_code_id = $1 for no key update'

  it('would deadlock if they took them as they come: the control', async () => {
    const { codes } = await givenTwoCodes()
    const [low = '', high = ''] = codes.map(({ promoCodeId }) => promoCodeId)
    const [one, two] = [await holdLock(db, LOCK, [low]), await holdLock(db, LOCK, [high])]
    try {
      for (const { client } of [one, two]) await client.query(`set local deadlock_timeout = '10ms'`)
      const results = await Promise.allSettled([one.client.query(LOCK, [high]), two.client.query(LOCK, [low])])
      const failures = results.flatMap((result) => (result.status === 'rejected' ? [sqlState(result.reason)] : []))
      expect(failures).toEqual(['40P01'])
      expect(results.filter((result) => result.status === 'rejected' && isTransient(result.reason))).toHaveLength(1)
    } finally {
      await Promise.all([one.release(), two.release()])
    }
  })

  it('take them by id: who waits for the lower one does not hold the higher one', async () => {
    const { codes, request, eventIds } = await givenTwoCodes()
    const [low, high] = codes
    for (const line of [0, 1] as const) {
      const order = line === 0 ? codes : codes.toReversed()
      for (const { code } of order) await engines[line].line.accept(request(line, undefined, code))
    }
    const held = await holdLock(db, LOCK, [low?.promoCodeId])
    try {
      const deciding = Promise.all(
        engines.map((engine, line) => decideNextBatch(engine.deciding, eventIds.slice(line, line + 1), 'wait')),
      )
      await waitForBlocked(db, { by: held, count: 2 })
      await held.client.query(`${LOCK} nowait`, [high?.promoCodeId])
      await held.release()
      for (const batch of await deciding) expect(codesOf(batch.outcomes)).toEqual(['booked', 'booked'])
    } finally {
      await held.release()
    }
  })

  it('go through a flood with every code up to its limit, and never wait for each other in a circle', async () => {
    const { organizerId, request, eventIds } = await givenTwoEventsAndOneCode(db, { maxRedemptions: 1 })
    const promoCodeIds = new Map<string, string>()
    for (const code of ['C1', 'C2', 'C3', 'C4', 'C5']) {
      const { promoCodeId } = await givenPromoCode(db.database, { organizerId, code, maxRedemptions: 20 })
      promoCodeIds.set(code, promoCodeId)
    }
    const failures: unknown[] = []
    const noteFailures = (database: Engine['intake']) =>
      interceptTransactions(database, ({ run }) =>
        run().catch((error: unknown) => {
          failures.push(error)
          throw error
        }),
      )
    const flood = openFlood(db, { wrap: noteFailures })
    try {
      const codes = [...promoCodeIds.keys()]
      for (let round = 0; round < 3; round++) {
        await flood.accept(
          Array.from({ length: 100 }, (_, index) => {
            const line = index % 2 === 0 ? 0 : 1
            const turn = (index >> 1) % codes.length
            return request(line, undefined, codes.at(line === 0 ? turn : -1 - turn))
          }),
        )
      }
    } finally {
      await flood.close()
    }
    expect(failures).toEqual([])
    const outcomes = (await Promise.all(eventIds.map((eventId) => readOutcomes(db, eventId)))).flat()
    expect([countOf(outcomes, 'booked'), countOf(outcomes, 'promo_exhausted')]).toEqual([100, 200])
    for (const promoCodeId of promoCodeIds.values()) {
      expect(await redeemed(db, promoCodeId)).toEqual({ redeemed: 20, bookings: 20 })
    }
  })
})
