import type { BookingRequest, Decision } from '@boxoffice/core/domain/booking-request.ts'
import { applyDecision, decide } from '@boxoffice/core/domain/decide.ts'
import { buildHouse } from '@boxoffice/core/domain/house/house.ts'
import { HouseSeats } from '@boxoffice/core/domain/house/house-seats.ts'
import { Occupancy } from '@boxoffice/core/domain/house/occupancy.ts'
import type { ResourceSnapshot } from '@boxoffice/core/domain/snapshot.ts'
import { type SentWish, wishesOf } from '@boxoffice/core/domain/wish.ts'
import { describe, expect, test } from 'vitest'
import { ACCEPTED_AT, event, NOW, priceOf, seatRequest, snapshotOf, ticketType } from './snapshots.ts'

/** Returns a concert: two rows of four seats, A before B, a standing floor of ten, and day tickets. */
function concert(changes: Partial<ResourceSnapshot> = {}): ResourceSnapshot {
  const house = buildHouse(
    ['A1', 'A2', 'A3', 'A4', 'B1', 'B2', 'B3', 'B4'].map((label) => {
      const [row = '', number = ''] = label
      return { label, section: null, row, x: Number(number), y: row === 'A' ? 0 : 1, categoryId: row, disabled: false }
    }),
    null,
  )
  return event([ticketType()], {
    id: 'concert-1',
    maxSeatsPerBooking: 4,
    seats: new HouseSeats(house),
    seating: { house, occupancy: new Occupancy(house, changes.allocated ?? []) },
    prices: new Map([
      ['A', { ...priceOf('Front', 3_000), rates: { child: 1_500 } }],
      ['B', { ...priceOf('Back', 2_000), rates: { child: null } }],
      ['floor', priceOf('Standing', 1_000)],
    ]),
    areas: new Map([['Floor', { label: 'Floor', categoryId: 'floor', capacity: 10, sold: 0, kept: 4 }]]),
    rates: [
      { code: 'adult', name: 'Adult' },
      { code: 'child', name: 'Child', needs: 'adult', maxPerBooking: 2 },
    ],
    blocks: new Map([['block-1', { id: 'block-1', areas: new Map([['Floor', 4]]) }]]),
    ...changes,
  })
}

const wanting = (wish: SentWish & { wishes?: readonly SentWish[] }, changes: Partial<BookingRequest> = {}) =>
  seatRequest([], { resourceId: 'concert-1', wishes: wishesOf(wish), ...changes })

const decideOn = (resource: ResourceSnapshot, request: BookingRequest) => decide(snapshotOf([resource]), request, NOW)

const placesOf = (decision: Decision) =>
  decision.outcome === 'booked'
    ? decision.items.map(({ seat, area, ticketTypeId, rate, quantity, unitPrice }) => [
        seat ?? area ?? ticketTypeId,
        rate,
        quantity,
        unitPrice,
      ])
    : decision.refusal

describe('seats, places and tickets of one booking', () => {
  test('have their own prices and rates', () => {
    const request = wanting({
      seats: ['A1', { seat: 'A2', rate: 'child' }],
      areas: [
        { area: 'Floor', quantity: 1 },
        { area: 'Floor', quantity: 1, rate: 'child' },
      ],
      tickets: [{ ticketTypeId: 'standard', quantity: 1 }],
    })
    expect(placesOf(decideOn(concert(), request))).toEqual([
      ['A1', 'adult', 1, 3_000],
      ['A2', 'child', 1, 1_500],
      ['Floor', 'adult', 1, 1_000],
      ['Floor', 'child', 1, 1_000],
      ['standard', null, 1, 2_000],
    ])
  })

  test.each<[string, SentWish, object]>([
    ['a rate that there is not', { seats: [{ seat: 'A1', rate: 'dog' }] }, { code: 'rate_unknown', rates: ['dog'] }],
    [
      'a rate that is not sold in the category',
      { seats: [{ seat: 'B1', rate: 'child' }, 'B2'] },
      { code: 'rate_unknown', rates: ['child'] },
    ],
    [
      'children alone',
      { seats: [{ seat: 'A1', rate: 'child' }] },
      { code: 'quantity_out_of_range', detail: 'The rate Child needs a place of the rate Adult in the same booking.' },
    ],
    [
      'more children than the rate allows',
      { seats: ['A1', ...['A2', 'A3', 'A4'].map((seat) => ({ seat, rate: 'child' }))] },
      { code: 'quantity_out_of_range', rates: ['child'] },
    ],
    [
      'more places than are left',
      {
        areas: [
          { area: 'Floor', quantity: 3 },
          { area: 'Floor', quantity: 1, rate: 'child' },
        ],
      },
      { code: 'area_full', areas: [{ area: 'Floor', available: 3 }] },
    ],
  ])('are refused for %s', (_, wish, refusal) => {
    const areas = new Map([['Floor', { label: 'Floor', categoryId: 'floor', capacity: 10, sold: 3, kept: 4 }]])
    expect(placesOf(decideOn(concert({ areas }), wanting(wish)))).toMatchObject(refusal)
  })
})

describe('wishes', () => {
  const WISHES = [{ seats: ['A2', 'A3'] }, { best: { quantity: 2, category: 'Front' } }, { best: { quantity: 2 } }]

  test.each<[number, string[], string[]]>([
    [0, [], ['A2', 'A3']],
    [1, ['A2'], ['A3', 'A4']],
    [2, ['A2', 'A4'], ['B1', 'B2']],
  ])('are tried in order: %i where %j are taken', (wish, taken, seats) => {
    const decision = decideOn(concert({ allocated: new Set(taken) }), wanting({ wishes: WISHES }))
    expect(decision).toMatchObject({ outcome: 'booked', wish })
    expect(decision.outcome === 'booked' && decision.items.map(({ seat }) => seat)).toEqual(seats)
  })

  test('say why for each, and the refusal is that of the last', () => {
    const allocated = new Set(['A1', 'A2', 'A3', 'A4', 'B2', 'B4'])
    expect(placesOf(decideOn(concert({ allocated }), wanting({ wishes: WISHES })))).toMatchObject({
      code: 'seat_unavailable',
      detail: 'There are no 2 seats next to each other left.',
      wishes: [
        { code: 'seat_unavailable', seats: ['A2', 'A3'] },
        { code: 'seat_unavailable' },
        { code: 'seat_unavailable' },
      ],
    })
  })

  test('a request with one wish does not say which', () => {
    expect(decideOn(concert(), wanting({ seats: ['A1'] }))).toMatchObject({ wish: null })
  })

  test('best seats are not given twice, and take their rates in turn', () => {
    const snapshot = snapshotOf([concert()])
    const request = wanting({ best: { quantity: 2, category: 'Front', rates: ['adult', 'child'] } })
    const seats = [1, 2, 3].map(() => {
      const decision = decide(snapshot, request, NOW)
      if (decision.outcome === 'refused') return decision.refusal.code
      applyDecision(snapshot, request, decision)
      return decision.items.map(({ seat, rate }) => `${seat} ${rate}`)
    })
    expect(seats).toEqual([['A1 adult', 'A2 child'], ['A3 adult', 'A4 child'], 'seat_unavailable'])
  })
})

describe('single seats', () => {
  const refusing = (taken: string[]) => concert({ singleSeats: 'refuse', allocated: new Set(taken) })

  test('are refused while others can be had, and allowed when nothing else is left', () => {
    expect(placesOf(decideOn(refusing([]), wanting({ seats: ['A2'] })))).toMatchObject({
      code: 'single_seat_left',
      seats: ['A1'],
    })
    expect(decideOn(refusing(['A3', 'A4', 'B1', 'B2', 'B3', 'B4']), wanting({ seats: ['A2'] }))).toMatchObject({
      outcome: 'booked',
    })
  })

  test('are the business of the organizer', () => {
    expect(decideOn(refusing([]), wanting({ seats: ['A2'] }, { seller: 'house' }))).toMatchObject({ outcome: 'booked' })
    expect(decideOn(concert(), wanting({ seats: ['A2'] }))).toMatchObject({ outcome: 'booked' })
  })
})

describe('kept places', () => {
  const kept = () => concert({ allocated: new Set(['A1', 'A2']), blockOf: new Map([['A1', 'block-1']]) })

  test('go to who books from the block, and to nobody else', () => {
    const wish = { seats: ['A1', 'A3'], areas: [{ area: 'Floor', quantity: 2 }] }
    expect(placesOf(decideOn(kept(), wanting(wish)))).toMatchObject({ code: 'seat_unavailable', seats: ['A1'] })
    const decision = decideOn(kept(), wanting(wish, { blockId: 'block-1', seller: 'house' }))
    expect(decision.outcome === 'booked' && decision.items.map(({ kept: own }) => own)).toEqual([1, 0, 2])
  })

  test('are counted down', () => {
    const snapshot = snapshotOf([kept()])
    const request = wanting({ areas: [{ area: 'Floor', quantity: 3 }] }, { blockId: 'block-1', seller: 'house' })
    for (const expected of [
      { sold: 3, kept: 1, own: 1 },
      { sold: 6, kept: 0, own: 0 },
      { sold: 9, kept: 0, own: 0 },
    ]) {
      const decision = decide(snapshot, request, NOW)
      if (decision.outcome === 'booked') applyDecision(snapshot, request, decision)
      const resource = snapshot.resources.get('concert-1')
      const { sold, kept: inAll } = resource?.areas.get('Floor') ?? {}
      expect({ sold, kept: inAll, own: resource?.blocks.get('block-1')?.areas.get('Floor') }).toEqual(expected)
    }
    expect(placesOf(decide(snapshot, request, NOW))).toMatchObject({ code: 'area_full' })
  })
})

describe('hidden ticket types and quotas', () => {
  const quotas = [{ name: 'Saturday', capacity: 5, ticketTypeIds: ['saturday', 'both'] }]
  const types = [ticketType({ id: 'saturday', sold: 2 }), ticketType({ id: 'both', sold: 2, hidden: true })]
  const festival = () => event(types, { id: 'concert-1', quotas })
  const of = (ticketTypeId: string, quantity: number): SentWish => ({ tickets: [{ ticketTypeId, quantity }] })

  test('a quota is shared', () => {
    expect(decideOn(festival(), wanting(of('saturday', 1)))).toMatchObject({ outcome: 'booked' })
    expect(placesOf(decideOn(festival(), wanting(of('saturday', 2))))).toMatchObject({
      code: 'quota_exhausted',
      available: 1,
      ticketTypes: [{ id: 'saturday' }],
    })
  })

  test('a hidden type needs a code, but for the house', () => {
    expect(placesOf(decideOn(festival(), wanting(of('both', 1))))).toMatchObject({ code: 'code_required' })
    expect(decideOn(festival(), wanting(of('both', 1), { seller: 'house' }))).toMatchObject({ outcome: 'booked' })
  })
})

test('a hold lasts as long as staff say, but not beyond the end of what is sold', () => {
  const [holdUntil, endsAt] = [ACCEPTED_AT + 20 * 86_400_000, ACCEPTED_AT + 30 * 86_400_000]
  const request = wanting({ seats: ['A1'] }, { holdUntil, seller: 'house' })
  expect(decideOn(concert({ endsAt }), request)).toMatchObject({ expiresAt: holdUntil })
  expect(decideOn(concert({ endsAt: holdUntil - 1 }), request)).toMatchObject({ expiresAt: holdUntil - 1 })
  // It has passed while the request waited: the buyer has as long to pay as anybody.
  const late = wanting({ seats: ['A1'] }, { holdUntil: ACCEPTED_AT, seller: 'house' })
  const decision = decideOn(concert({ endsAt }), late)
  expect(decision).toMatchObject({ outcome: 'booked' })
  expect(decision).not.toMatchObject({ expiresAt: ACCEPTED_AT })
})
