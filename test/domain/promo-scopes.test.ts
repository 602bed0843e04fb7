import type { Booked, BookingRequest } from '@boxoffice/core/domain/booking-request.ts'
import { applyDecision, decide } from '@boxoffice/core/domain/decide.ts'
import type { PromoCodeSnapshot, ResourceSnapshot } from '@boxoffice/core/domain/snapshot.ts'
import { wishesOf } from '@boxoffice/core/domain/wish.ts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  event,
  NOW,
  priceOf,
  promoCode,
  seatMapOf,
  seatRequest,
  showtime,
  snapshotOf,
  ticketRequest,
  ticketType,
} from './snapshots.ts'

const RATES = [
  { code: 'adult', name: 'Adult' },
  { code: 'child', name: 'Child' },
]

/** Returns an event with a house and three ticket types, of which VIP is hidden: all that a code can be for. */
function fair(changes: Partial<ResourceSnapshot> = {}): ResourceSnapshot {
  return event(
    [
      ticketType({ id: 'student', name: 'Student', price: 1_000, capacity: 1_000, maxPerBooking: 50 }),
      ticketType({ id: 'full', name: 'Full', price: 2_500, capacity: 1_000, maxPerBooking: 50 }),
      ticketType({ id: 'vip', name: 'VIP', price: 9_999, capacity: 1_000, maxPerBooking: 50, hidden: true }),
    ],
    {
      maxSeatsPerBooking: 50,
      rates: RATES,
      seats: seatMapOf(
        Array.from({ length: 20 }, (_, index) => ({ label: `A${index + 1}`, categoryId: 'stalls', disabled: false })),
      ),
      prices: new Map([
        ['stalls', { name: 'Stalls', price: 3_000, rates: { child: 1_500 } }],
        ['floor', priceOf('Floor', 1_700)],
      ]),
      areas: new Map([['Floor', { label: 'Floor', categoryId: 'floor', capacity: 500, sold: 0, kept: 0 }]]),
      ...changes,
    },
  )
}

const WISH = {
  seats: [
    { seat: 'A1', rate: 'adult' },
    { seat: 'A2', rate: 'child' },
  ],
  areas: [{ area: 'Floor', quantity: 3 }],
  tickets: [
    { ticketTypeId: 'student', quantity: 2 },
    { ticketTypeId: 'full', quantity: 1 },
  ],
}

/** Decides a request for two seats, three places and three tickets with the code. */
function ask(changes: Partial<PromoCodeSnapshot>, wish: object = WISH) {
  const request = ticketRequest([], { promoCode: 'EARLY20', wishes: wishesOf(wish) })
  return decide(snapshotOf([fair()], [promoCode(changes)]), request, NOW)
}

/** Returns the discount of each item, by its name. */
function discountsOf(decision: ReturnType<typeof decide>) {
  if (decision.outcome === 'refused') return decision.refusal.code
  return Object.fromEntries(
    decision.items.map(({ seat, area, ticketTypeId, discount }) => [seat ?? area ?? ticketTypeId, discount]),
  )
}

describe('a promo code is for', () => {
  const [student, all] = [new Set(['student']), { A1: 600, A2: 300, Floor: 1_020, student: 400, full: 500 }]
  const nothing = { A1: 0, A2: 0, Floor: 0, student: 0, full: 0 }

  test.each<[string, Partial<PromoCodeSnapshot>, object, number]>([
    ['everything, without a scope', {}, all, 8],
    ['tickets of its types alone', { ticketTypeIds: student }, { ...nothing, student: 400 }, 2],
    ['places of its categories alone', { categories: new Set(['Floor']) }, { ...nothing, Floor: 1_020 }, 3],
    ['places of its rates alone', { rates: new Set(['child']) }, { ...nothing, A2: 300 }, 1],
    [
      'places that have both a category and a rate of its own',
      { categories: new Set(['Stalls']), rates: new Set(['adult']) },
      { ...nothing, A1: 600 },
      1,
    ],
    [
      'tickets and places, where it names both',
      { ticketTypeIds: student, categories: new Set(['Stalls']) },
      { ...nothing, A1: 600, A2: 300, student: 400 },
      4,
    ],
  ])('%s', (_name, scopes, discounts, places) => {
    const decision = ask(scopes)
    expect(discountsOf(decision)).toEqual(discounts)
    expect(decision).toMatchObject({ promoTickets: places })
  })

  test('at most as much as its places cost, where it is a fixed amount', () => {
    const decision = ask({ kind: 'fixed', currency: 'EUR', value: 100_000, ticketTypeIds: new Set(['student']) })
    expect(discountsOf(decision)).toMatchObject({ student: 2_000, full: 0, A1: 0 })
    expect(decision).toMatchObject({ discount: 2_000 })
  })

  test('no booking without such a place', () => {
    const wish = { tickets: [{ ticketTypeId: 'full', quantity: 1 }] }
    expect(discountsOf(ask({ ticketTypeIds: new Set(['student']) }, wish))).toBe('promo_invalid')
    expect(discountsOf(ask({ categories: new Set(['Stalls']) }, wish))).toBe('promo_invalid')
  })
})

describe('a code that opens hidden ticket types', () => {
  const vip = { tickets: [{ ticketTypeId: 'vip', quantity: 2 }] }
  const opens = new Set(['vip'])

  test('sells them, and nobody gets them without it', () => {
    expect(discountsOf(ask({ opens }, vip))).toEqual({ vip: 4_000 })
    expect(discountsOf(ask({}, vip))).toBe('code_required')
    expect(decide(snapshotOf([fair()]), ticketRequest([['vip', 1]]), NOW)).toMatchObject({
      refusal: { code: 'code_required' },
    })
  })

  test('takes nothing off where its value is 0, and counts what it opens', () => {
    const decision = ask({ opens, value: 0, maxTickets: 2 }, { tickets: [...vip.tickets, ...WISH.tickets] })
    expect(discountsOf(decision)).toEqual({ vip: 0, student: 0, full: 0 })
    expect(decision).toMatchObject({ discount: 0, promoTickets: 2 })
  })

  test('counts what it opens besides what it discounts', () => {
    const decision = ask({ opens, ticketTypeIds: new Set(['student']) }, { tickets: [...vip.tickets, ...WISH.tickets] })
    expect(discountsOf(decision)).toEqual({ vip: 0, student: 400, full: 0 })
    expect(decision).toMatchObject({ promoTickets: 4 })
  })

  test('is not valid for a booking of none of them, where it does nothing else', () => {
    expect(discountsOf(ask({ opens, value: 0 }, { tickets: WISH.tickets }))).toBe('promo_invalid')
  })
})

describe('a code with a number of places', () => {
  const tickets = (quantity: number) => ({ tickets: [{ ticketTypeId: 'full', quantity }] })

  test.each<[string, Partial<PromoCodeSnapshot>, number, number | null]>([
    ['as many as are left', { maxTickets: 100, tickets: 97 }, 3, null],
    ['one more than are left', { maxTickets: 100, tickets: 97 }, 4, 3],
    ['any, once it is used up', { maxTickets: 100, tickets: 100 }, 1, 0],
    ['any, after its limit was lowered', { maxTickets: 100, tickets: 120 }, 1, 0],
    ['as many as one booking may have', { maxTicketsPerBooking: 2 }, 2, null],
    ['one more than one booking may have', { maxTicketsPerBooking: 2 }, 3, 2],
    ['more than either', { maxTicketsPerBooking: 5, maxTickets: 4, tickets: 3 }, 6, 1],
  ])('is asked for %s', (_name, limits, quantity, available) => {
    const decision = ask(limits, tickets(quantity))
    if (available === null) expect(decision).toMatchObject({ outcome: 'booked', promoTickets: quantity })
    else expect(decision).toMatchObject({ refusal: { code: 'promo_exhausted', available } })
  })

  test('counts only the places that it is for', () => {
    const decision = ask({ ticketTypeIds: new Set(['student']), maxTicketsPerBooking: 2 })
    expect(decision).toMatchObject({ outcome: 'booked', promoTickets: 2 })
  })

  test('gives nobody ten free tickets for one: the rest is refused with how many there are', () => {
    const comp = { value: 10_000, maxRedemptions: 1, maxTickets: 1 }
    expect(ask(comp, tickets(10))).toMatchObject({ refusal: { code: 'promo_exhausted', available: 1 } })
    expect(ask(comp, tickets(1))).toMatchObject({ outcome: 'booked', total: 0, status: 'confirmed' })
  })

  test('lets a wish for fewer places be booked after one for too many', () => {
    const wishes = wishesOf({ wishes: [tickets(5), tickets(2)] })
    const request = ticketRequest([], { promoCode: 'EARLY20', wishes })
    const decision = decide(snapshotOf([fair()], [promoCode({ maxTicketsPerBooking: 2 })]), request, NOW)
    expect(decision).toMatchObject({ outcome: 'booked', wish: 1, promoTickets: 2 })
  })
})

describe('a guesser', () => {
  const refusalOf = (changes: Partial<PromoCodeSnapshot> | null, request: BookingRequest) => {
    const codes = changes === null ? [] : [promoCode(changes)]
    const decision = decide(snapshotOf([fair(), showtime()], codes), request, NOW)
    return decision.outcome === 'refused' ? decision.refusal : null
  }
  const withCode = { promoCode: 'EARLY20' }

  test.each<[string, Partial<PromoCodeSnapshot>, BookingRequest]>([
    ['for other tickets', { ticketTypeIds: new Set(['student']) }, ticketRequest([['full', 1]], withCode)],
    ['for seats', { categories: new Set(['Stalls']) }, ticketRequest([['full', 1]], withCode)],
    ['for tickets', { ticketTypeIds: new Set(['student']) }, seatRequest(['A1'], withCode)],
    ['for another category', { categories: new Set(['Balcony']) }, seatRequest(['A1'], withCode)],
    ['for another rate', { rates: new Set(['child']) }, seatRequest(['A1'], withCode)],
    ['that opens other tickets', { opens: new Set(['vip']), value: 0 }, ticketRequest([['full', 1]], withCode)],
    ['that opens nothing', { opens: new Set() }, ticketRequest([['vip', 1]], withCode)],
  ])('cannot tell a code %s from none, used up or not', (_name, changes, request) => {
    const none = refusalOf(null, request)
    expect(none).not.toBeNull()
    expect(refusalOf(changes, request)).toEqual(none)
    const usedUp = { active: false, maxTickets: 0, maxTicketsPerBooking: 1, maxRedemptions: 0 }
    expect(refusalOf({ ...changes, ...usedUp }, request)).toEqual(none)
  })
})

const scope = (names: readonly string[]) => fc.option(fc.subarray([...names]).map((some) => new Set(some)))

const codes = fc.record({
  kind: fc.constantFrom('percent' as const, 'fixed' as const),
  value: fc.integer({ min: 0, max: 10_000 }),
  currency: fc.constant('EUR'),
  ticketTypeIds: scope(['student', 'full', 'vip']),
  categories: scope(['Stalls', 'Floor']),
  rates: scope(['adult', 'child']),
  opens: fc.subarray(['vip']).map((some) => new Set(some)),
  maxTickets: fc.option(fc.integer({ min: 0, max: 12 })),
  maxTicketsPerBooking: fc.option(fc.integer({ min: 1, max: 6 })),
  maxRedemptions: fc.option(fc.integer({ min: 0, max: 4 })),
})

const wishes = fc.record({
  seats: fc.subarray(
    Array.from({ length: 20 }, (_, index) => ({ seat: `A${index + 1}`, rate: index % 2 === 0 ? 'adult' : 'child' })),
    { maxLength: 3 },
  ),
  areas: fc.subarray([
    { area: 'Floor', quantity: 1, rate: 'adult' },
    { area: 'Floor', quantity: 2, rate: 'child' },
  ]),
  tickets: fc
    .subarray(['student', 'full', 'vip'])
    .chain((types) =>
      fc.tuple(
        ...types.map((ticketTypeId) =>
          fc.record({ ticketTypeId: fc.constant(ticketTypeId), quantity: fc.integer({ min: 1, max: 4 }) }),
        ),
      ),
    ),
})

/** A step of a sequence: a booking with the code or without it, or the end of one of those that live. */
const steps = fc.oneof(fc.record({ wish: wishes, hasCode: fc.boolean() }), fc.record({ cancels: fc.nat() }))

describe('any sequence of bookings and cancellations', () => {
  test('conserves what is counted of a code, and never exceeds its limits (I6)', () => {
    fc.assert(
      fc.property(codes, fc.array(steps, { maxLength: 25 }), (terms, sequence) => {
        const promo = promoCode(terms)
        const snapshot = snapshotOf([fair()], [promo])
        const live: { readonly booked: Booked; readonly request: BookingRequest }[] = []
        for (const step of sequence) {
          if ('cancels' in step) {
            const [ended] = live.splice(step.cancels % (live.length + 1), 1)
            if (ended?.booked.promoCodeId != null) giveBack(promo, ended.booked)
          } else {
            const request = ticketRequest([], {
              promoCode: step.hasCode ? 'EARLY20' : null,
              wishes: wishesOf(step.wish),
            })
            const decision = decide(snapshot, request, NOW)
            if (decision.outcome === 'booked') {
              expect(decision.promoTickets).toBeLessThanOrEqual(promo.maxTicketsPerBooking ?? Infinity)
              applyDecision(snapshot, request, decision)
              live.push({ booked: decision, request })
            }
          }
          const using = live.filter(({ booked }) => booked.promoCodeId !== null)
          expect(promo.redeemed).toBe(using.length)
          expect(promo.tickets).toBe(using.reduce((sum, { booked }) => sum + booked.promoTickets, 0))
          expect(promo.tickets).toBeLessThanOrEqual(promo.maxTickets ?? Infinity)
          expect(promo.redeemed).toBeLessThanOrEqual(promo.maxRedemptions ?? Infinity)
        }
      }),
      { numRuns: 300 },
    )
  })

  test('adds up to the minor unit for every item (I5)', () => {
    fc.assert(
      fc.property(codes, wishes, (terms, wish) => {
        const promo = promoCode(terms)
        const request = ticketRequest([], { promoCode: 'EARLY20', wishes: wishesOf(wish), seller: 'house' })
        const decision = decide(snapshotOf([fair()], [promo]), request, NOW)
        if (decision.outcome === 'refused') return
        const { items, subtotal, discount, fee, total, promoTickets } = decision
        const amounts = items.map(({ quantity, unitPrice }) => quantity * unitPrice)
        expect(subtotal).toBe(sum(amounts))
        expect(discount).toBe(sum(items.map((item) => item.discount)))
        expect(total).toBe(subtotal - discount + fee)

        const inScope = items.map((item) => isInScope(promo, item))
        const eligible = sum(amounts.filter((_, index) => inScope[index]))
        for (const [index, item] of items.entries()) {
          expect(item.discount).toBeGreaterThanOrEqual(0)
          expect(item.discount).toBeLessThanOrEqual(inScope[index] === true ? (amounts[index] ?? 0) : 0)
        }
        if (promo.kind === 'fixed') expect(discount).toBe(Math.min(promo.value, eligible))
        else expect(Math.abs(discount - (eligible * promo.value) / 10_000)).toBeLessThanOrEqual(0.5)
        expect(promoTickets).toBeGreaterThan(0)
        expect(promoTickets).toBeLessThanOrEqual(sum(items.map(({ quantity }) => quantity)))
      }),
      { numRuns: 500 },
    )
  })
})

/** Says in other words than the domain's what a code discounts. */
function isInScope(
  { value, ticketTypeIds, categories, rates }: PromoCodeSnapshot,
  { ticketTypeId, categoryId, rate }: Booked['items'][number],
): boolean {
  const names = new Map([
    ['stalls', 'Stalls'],
    ['floor', 'Floor'],
  ])
  const namesTickets = ticketTypeIds !== null
  const namesPlaces = categories !== null || rates !== null
  if (value === 0) return false
  if (!namesTickets && !namesPlaces) return true
  if (ticketTypeId !== null) return ticketTypeIds?.has(ticketTypeId) === true
  if (!namesPlaces) return false
  const fits = (set: ReadonlySet<string> | null, name: string) => set === null || set.has(name)
  return fits(categories, names.get(categoryId ?? '') ?? '') && fits(rates, rate ?? '')
}

function giveBack(promo: PromoCodeSnapshot, booked: Booked): void {
  promo.redeemed -= 1
  promo.tickets -= booked.promoTickets
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0)
