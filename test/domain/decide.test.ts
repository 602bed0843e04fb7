import type { Booked, BookingRequest, Decision } from '@boxoffice/core/domain/booking-request.ts'
import { applyDecision, decide } from '@boxoffice/core/domain/decide.ts'
import { promoCodeKey } from '@boxoffice/core/domain/promo-code.ts'
import { REFUSAL_CODES } from '@boxoffice/core/domain/refusals/refusal.ts'
import type { Snapshot } from '@boxoffice/core/domain/snapshot.ts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  ACCEPTED_AT,
  NOW,
  ORGANIZER,
  event,
  promoCode,
  seatRequest,
  showtime,
  snapshotOf,
  ticketRequest,
  ticketType,
} from './snapshots.ts'

describe('applying a booking', () => {
  test('takes the seats, so that the next request of the batch finds them taken', () => {
    const snapshot = snapshotOf([showtime()])
    decideAndApply(snapshot, seatRequest(['A1', 'A2']))
    expect(decide(snapshot, seatRequest(['A2', 'A3']), NOW)).toMatchObject({
      refusal: { code: 'seat_unavailable', seats: ['A2'] },
    })
  })

  test('counts the tickets, and for every customer key where there is a limit per customer', () => {
    const limited = ticketType({ maxPerCustomer: 4 })
    const open = ticketType({ id: 'open' })
    const snapshot = snapshotOf([event([limited, open])])
    const request = ticketRequest(
      [
        ['standard', 1],
        ['open', 3],
        ['standard', 2],
      ],
      { customerKeys: ['a', 'b', 'a'] },
    )
    decideAndApply(snapshot, request)
    expect([limited.sold, open.sold]).toEqual([3, 3])
    expect([...limited.heldByCustomer]).toEqual([
      ['a', 3],
      ['b', 3],
    ])
    expect([...open.heldByCustomer]).toEqual([])
  })

  test('redeems the promo code once, and for every customer key where there is a limit per customer', () => {
    const limited = promoCode({ maxPerCustomer: 1 })
    const open = promoCode({ id: 'promo-2', code: 'OPEN' })
    const snapshot = snapshotOf([showtime()], [limited, open])
    decideAndApply(snapshot, seatRequest(['A1', 'A2'], { promoCode: 'early20 ' }))
    decideAndApply(snapshot, seatRequest(['A3'], { promoCode: 'open' }))
    decideAndApply(snapshot, seatRequest(['A4']))
    expect([limited.redeemed, open.redeemed]).toEqual([1, 1])
    expect([...limited.redeemedByCustomer]).toEqual([
      ['owner-1', 1],
      ['email-1', 1],
    ])
    expect([...open.redeemedByCustomer]).toEqual([])
  })

  test('twice, or to another snapshot, throws and changes nothing', () => {
    const one = snapshotOf([showtime()], [promoCode()])
    const request = seatRequest(['A2', 'A1'], { promoCode: 'EARLY20' })
    const booked = decideAndApply(one, request)
    expect(() => applyDecision(one, request, booked)).toThrow('taken')
    expect(one.promoCodes.get(promoCodeKey(ORGANIZER, 'EARLY20'))?.redeemed).toBe(1)

    const halfTaken = showtime({ allocated: new Set(['A1']) })
    expect(() => applyDecision(snapshotOf([halfTaken], [promoCode()]), request, booked)).toThrow('taken')
    expect([...halfTaken.allocated]).toEqual(['A1'])

    const withoutPromo = showtime()
    expect(() => applyDecision(snapshotOf([withoutPromo]), request, booked)).toThrow('promo')
    expect([...withoutPromo.allocated]).toEqual([])
    expect(() => applyDecision(snapshotOf([]), request, booked)).toThrow('no resource')
  })

  test('is not done by deciding', () => {
    const snapshot = snapshotOf([showtime()])
    const first = decide(snapshot, seatRequest(['A1']), NOW)
    expect(decide(snapshot, seatRequest(['A1']), NOW)).toEqual(first)
  })
})

/** One showtime and one event, scarce enough that most rules come up, and requests that fight for them. */
interface World {
  readonly feeBasisPoints: number
  readonly currency: string
  readonly capacities: readonly [number, number]
  readonly ticketsPerCustomer: number | null
  readonly redemptions: number | null
  readonly redemptionsPerCustomer: number | null
  readonly discount: { readonly kind: 'percent' | 'fixed'; readonly value: number }
}

const worlds: fc.Arbitrary<World> = fc.record({
  feeBasisPoints: fc.integer({ min: 0, max: 1_000 }),
  currency: fc.constantFrom('EUR', 'JPY', 'KWD'),
  capacities: fc.tuple(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 12 })),
  ticketsPerCustomer: fc.option(fc.integer({ min: 1, max: 6 })),
  redemptions: fc.option(fc.integer({ min: 0, max: 5 })),
  redemptionsPerCustomer: fc.option(fc.integer({ min: 1, max: 3 })),
  discount: fc.oneof(
    fc.record({ kind: fc.constant('percent' as const), value: fc.integer({ min: 0, max: 10_000 }) }),
    fc.record({ kind: fc.constant('fixed' as const), value: fc.integer({ min: 0, max: 5_000 }) }),
  ),
})

const shared = {
  promoCode: fc.option(fc.constantFrom('EARLY20', ' early20', 'NONE'), { freq: 2 }),
  customerKeys: fc.subarray(['owner-1', 'owner-2', 'email-1', 'email-2'], { minLength: 1, maxLength: 2 }),
  acceptedAt: fc.constant(ACCEPTED_AT),
  expectedTotal: fc.option(fc.constantFrom(0, 1_030), { freq: 8 }),
}
const seatRequests = fc
  .record({ ...shared, seats: fc.array(fc.constantFrom('A1', 'A2', 'A3', 'A4', 'B1', 'A9'), { maxLength: 4 }) })
  .map(({ seats, ...rest }) => seatRequest(seats, rest))
const ticketItems = fc.tuple(fc.constantFrom('standard', 'vip'), fc.integer({ min: 0, max: 4 }))
const ticketRequests = fc
  .record({ ...shared, tickets: fc.array(ticketItems, { maxLength: 3 }) })
  .map(({ tickets, ...rest }) => ticketRequest(tickets, rest))
const histories = fc
  .array(fc.oneof(seatRequests, ticketRequests), { maxLength: 40, size: 'max' })
  .map((requests) => requests.map((request, index): BookingRequest => ({ ...request, id: `request-${index}` })))

interface Entry {
  readonly request: BookingRequest
  readonly booked: Booked
}

describe('whatever the history of requests', () => {
  test('a batch of k decides exactly as k batches of one, each on a snapshot read afresh', () => {
    fc.assert(
      fc.property(worlds, histories, fc.integer({ min: 1, max: 10 }), (world, requests, size) => {
        const alone = decideInBatches(world, requests, 1)
        expect(decideInBatches(world, requests, requests.length + 1)).toEqual(alone)
        expect(decideInBatches(world, requests, size)).toEqual(alone)
      }),
    )
  })

  test('nothing is oversold: no seat, no ticket type, no promo code, in total or per customer', () => {
    fc.assert(
      fc.property(worlds, histories, (world, requests) => {
        const ledger = ledgerOf(requests, decideInBatches(world, requests, requests.length + 1))

        const seats = ledger.flatMap(({ booked }) => booked.items.flatMap(({ seat }) => seat ?? []))
        expect(new Set(seats).size).toBe(seats.length)
        expect(seats).not.toContain('A9')

        for (const [index, id] of ['standard', 'vip'].entries()) {
          expect(ticketsIn(ledger, id)).toBeLessThanOrEqual(world.capacities[index] ?? 0)
        }
        const redeemed = ledger.filter(({ booked }) => booked.promoCodeId !== null)
        expect(redeemed.length).toBeLessThanOrEqual(world.redemptions ?? Number.POSITIVE_INFINITY)

        for (const key of ['owner-1', 'owner-2', 'email-1', 'email-2']) {
          const held = ticketsIn(ofCustomer(ledger, key), 'standard')
          expect(held).toBeLessThanOrEqual(world.ticketsPerCustomer ?? Number.POSITIVE_INFINITY)
          const used = ofCustomer(redeemed, key).length
          expect(used).toBeLessThanOrEqual(world.redemptionsPerCustomer ?? Number.POSITIVE_INFINITY)
        }
      }),
    )
  })

  test('every refusal has a documented code and a sentence', () => {
    fc.assert(
      fc.property(worlds, histories, (world, requests) => {
        const decisions = decideInBatches(world, requests, requests.length + 1)
        for (const { refusal } of decisions.filter((decision) => decision.outcome === 'refused')) {
          expect(REFUSAL_CODES).toContain(refusal.code)
          expect(refusal.detail).toMatch(/^[A-Z].*\.$/)
        }
      }),
    )
  })

  test('money adds up in every booking', () => {
    fc.assert(
      fc.property(worlds, histories, (world, requests) => {
        const ledger = ledgerOf(requests, decideInBatches(world, requests, requests.length + 1))
        for (const { booked } of ledger) {
          const { items, subtotal, discount, fee, total } = booked
          expect(total).toBe(subtotal - discount + fee)
          expect(items.reduce((sum, item) => sum + item.quantity * item.unitPrice, 0)).toBe(subtotal)
          expect(items.reduce((sum, item) => sum + item.discount, 0)).toBe(discount)
          expect(booked.currency).toBe(world.currency)
          expect(booked.status).toBe(total === 0 ? 'confirmed' : 'pending')
          expect(booked.expiresAt).toBe(total === 0 ? null : NOW + 600_000)
        }
      }),
    )
  })

  test('the generated histories do book, and do refuse for many reasons', () => {
    const seen = new Set<string>()
    for (const [world, requests] of fc.sample(fc.tuple(worlds, histories), { numRuns: 300, seed: 7 })) {
      for (const decision of decideInBatches(world, requests, requests.length + 1)) {
        seen.add(decision.outcome === 'booked' ? `booked ${decision.status}` : decision.refusal.code)
      }
    }
    expect([...seen].toSorted()).toEqual([
      'booked confirmed',
      'booked pending',
      'customer_limit_reached',
      'duplicate_seat',
      'price_changed',
      'promo_exhausted',
      'promo_invalid',
      'quantity_out_of_range',
      'seat_disabled',
      'seat_unavailable',
      'tickets_unavailable',
    ])
  })
})

/**
 * Decides the requests in batches. Each batch's snapshot is built anew from what was booked, as it would be read from a
 * database.
 */
function decideInBatches(world: World, requests: readonly BookingRequest[], size: number): Decision[] {
  const decisions: Decision[] = []
  for (let start = 0; start < requests.length; start += size) {
    const snapshot = snapshotAfter(world, ledgerOf(requests, decisions))
    for (const request of requests.slice(start, start + size)) {
      const decision = decide(snapshot, request, NOW)
      if (decision.outcome === 'booked') applyDecision(snapshot, request, decision)
      decisions.push(decision)
    }
  }
  return decisions
}

function snapshotAfter(world: World, ledger: readonly Entry[]): Snapshot {
  const { feeBasisPoints, currency, capacities } = world
  const redeemed = ledger.filter(({ booked }) => booked.promoCodeId !== null)
  const types = [
    ticketType({
      capacity: capacities[0],
      sold: ticketsIn(ledger, 'standard'),
      maxPerCustomer: world.ticketsPerCustomer,
      heldByCustomer: byCustomer(ledger, (entries) => ticketsIn(entries, 'standard')),
    }),
    ticketType({ id: 'vip', price: 5_001, capacity: capacities[1], sold: ticketsIn(ledger, 'vip') }),
  ]
  const allocated = new Set(ledger.flatMap(({ booked }) => booked.items.flatMap(({ seat }) => seat ?? [])))
  const promo = promoCode({
    ...world.discount,
    currency,
    maxRedemptions: world.redemptions,
    redeemed: redeemed.length,
    maxPerCustomer: world.redemptionsPerCustomer,
    redeemedByCustomer: byCustomer(redeemed, (entries) => entries.length),
  })
  return snapshotOf(
    [showtime({ feeBasisPoints, currency, allocated }), event(types, { feeBasisPoints, currency })],
    [promo],
  )
}

function ledgerOf(requests: readonly BookingRequest[], decisions: readonly Decision[]): Entry[] {
  return decisions.flatMap((decision, index) => {
    const request = requests[index]
    return request !== undefined && decision.outcome === 'booked' ? [{ request, booked: decision }] : []
  })
}

function ofCustomer(ledger: readonly Entry[], key: string): Entry[] {
  return ledger.filter(({ request }) => request.customerKeys.includes(key))
}

function ticketsIn(ledger: readonly Entry[], ticketTypeId: string): number {
  const items = ledger.flatMap(({ booked }) => booked.items.filter((item) => item.ticketTypeId === ticketTypeId))
  return items.reduce((sum, { quantity }) => sum + quantity, 0)
}

function byCustomer(ledger: readonly Entry[], count: (entries: readonly Entry[]) => number): Map<string, number> {
  const keys = new Set(ledger.flatMap(({ request }) => request.customerKeys))
  return new Map([...keys].map((key) => [key, count(ofCustomer(ledger, key))]))
}

function decideAndApply(snapshot: Snapshot, request: BookingRequest): Booked {
  const decision = decide(snapshot, request, NOW)
  if (decision.outcome !== 'booked') throw new Error(`refused: ${decision.refusal.code}`)
  applyDecision(snapshot, request, decision)
  return decision
}
