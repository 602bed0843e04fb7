import type { Decision } from '@boxoffice/core/domain/booking-request.ts'
import { decide } from '@boxoffice/core/domain/decide.ts'
import type { ResourceSnapshot } from '@boxoffice/core/domain/snapshot.ts'
import { describe, expect, test } from 'vitest'
import { NOW, STARTS_AT, event, priceOf, seatMapOf, seatRequest, showtime, snapshotOf } from './snapshots.ts'

// The rules and their order are tested in `rules.test.ts`.

describe('the resource', () => {
  test('has no such seat when it is an event without a house', () => {
    const snapshot = snapshotOf([event([], { id: 'showtime-1' })])
    expect(refusalOf(decide(snapshot, seatRequest(['A1']), NOW))).toMatchObject({ code: 'invalid_seat', seats: ['A1'] })
  })

  test.each(['draft', 'cancelled'] as const)('is not on sale when %s', (status) => {
    const snapshot = snapshotOf([showtime({ status })])
    expect(refusalOf(decide(snapshot, seatRequest(['A1']), NOW))).toMatchObject({ code: 'not_on_sale' })
  })

  test('is judged as of when the request was accepted, however long the line was', () => {
    const request = seatRequest(['A1'], { acceptedAt: STARTS_AT - 1 })
    expect(decide(snapshotOf([showtime()]), request, STARTS_AT + 3_600_000)).toMatchObject({
      outcome: 'booked',
      expiresAt: STARTS_AT + 3_600_000 + 600_000,
    })
  })
})

describe('a refusal', () => {
  test('names the seats that the rule failed for, each once, in the order of the request', () => {
    const taken = { allocated: new Set(['A1', 'A3', 'B1']) }
    expect(refusalFor(['Z2', 'A1', 'Z1', 'Z2'])).toMatchObject({ code: 'invalid_seat', seats: ['Z2', 'Z1'] })
    expect(refusalFor(['A2', 'A1', 'A2', 'A2'])).toMatchObject({ code: 'duplicate_seat', seats: ['A2'] })
    expect(refusalFor(['A1', 'C1', 'A9'])).toEqual({
      code: 'seat_disabled',
      detail: 'Never for sale: A9. Not on sale at this showtime: C1.',
      seats: ['C1', 'A9'],
    })
    expect(refusalFor(['C1', 'A1'])).toMatchObject({ detail: 'Not on sale at this showtime: C1.', seats: ['C1'] })
    expect(refusalFor(['A9', 'A1'])).toMatchObject({ detail: 'Never for sale: A9.', seats: ['A9'] })
    expect(refusalFor(['A3', 'A2', 'A1'], taken)).toEqual({
      code: 'seat_unavailable',
      detail: 'Already taken: A3, A1.',
      seats: ['A3', 'A1'],
    })
  })

  test('keeps its sentence short and its list whole', () => {
    const labels = Array.from({ length: 12 }, (_, index) => `Z${index}`)
    const refusal = refusalFor(labels)
    expect(refusal?.seats).toEqual(labels)
    expect(refusal?.detail).toBe('Not a seat of this showtime: Z0, Z1, Z2, Z3, Z4, Z5, Z6, Z7, Z8, Z9 and 2 more.')
  })

  test('for another price gives the total', () => {
    const request = seatRequest(['A1'], { expectedTotal: 1_000 })
    expect(refusalOf(decide(snapshotOf([showtime()]), request, NOW))).toEqual({
      code: 'price_changed',
      detail: 'The price has changed: the total is now 10.30 EUR.',
      total: 1_030,
    })
    const right = { ...request, expectedTotal: 1_030 }
    expect(decide(snapshotOf([showtime()]), right, NOW)).toMatchObject({ outcome: 'booked', total: 1_030 })
  })
})

describe('the number of seats', () => {
  test('is at least one and at most the maximum per booking', () => {
    expect(refusalFor([])).toMatchObject({ code: 'quantity_out_of_range' })
    expect(refusalFor(['A1', 'A2', 'A3'])).toBeNull()
    expect(refusalFor(['A1', 'A2', 'A3', 'A4'])).toMatchObject({ code: 'quantity_out_of_range' })
  })
})

test('a seat label is only ever data', () => {
  expect(refusalFor(['__proto__', 'constructor'])).toMatchObject({
    code: 'invalid_seat',
    seats: ['__proto__', 'constructor'],
  })
  const seats = seatMapOf([{ label: '__proto__', categoryId: 'toString', disabled: false }])
  expect(refusalFor(['__proto__'], { seats })).toMatchObject({ code: 'seat_disabled' })
  expect(refusalFor(['__proto__'], { seats, prices: new Map([['toString', priceOf('Odd', 100)]]) })).toBeNull()
})

function refusalFor(seats: readonly string[], changes: Partial<ResourceSnapshot> = {}) {
  return refusalOf(decide(snapshotOf([showtime(changes)]), seatRequest(seats), NOW))
}

function refusalOf(decision: Decision) {
  return decision.outcome === 'refused' ? decision.refusal : null
}
