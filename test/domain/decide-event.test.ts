import type { BookingRequest, Decision } from '@boxoffice/core/domain/booking-request.ts'
import { decide } from '@boxoffice/core/domain/decide.ts'
import type { TicketTypeSnapshot } from '@boxoffice/core/domain/snapshot.ts'
import { describe, expect, test } from 'vitest'
import { ACCEPTED_AT, NOW, STARTS_AT, event, showtime, snapshotOf, ticketRequest, ticketType } from './snapshots.ts'

// The rules and their order are tested in `rules.test.ts`.

describe('a request for tickets', () => {
  test('has each rule asked of all its ticket types before the next rule', () => {
    // From the last rule to the first: every line breaks an earlier rule than the line before it.
    const types = [
      ticketType({ id: 'sold-out', sold: 10 }),
      ticketType({ id: 'limited', maxPerCustomer: 0 }),
      ticketType({ id: 'in-fours', minPerBooking: 4 }),
      ticketType({ id: 'over', saleEndsAt: ACCEPTED_AT }),
      ticketType({ id: 'early', saleStartsAt: ACCEPTED_AT + 1 }),
      ticketType({ id: 'inactive', active: false }),
    ]
    const ids = [...types.map(({ id }) => id), 'unknown']
    const codes = ids.map((_, index) => {
      const asked = ids.slice(0, index + 1).map((id) => [id, 1] as const)
      const refusal = refusalOf(decide(snapshotOf([event(types)]), ticketRequest(asked), NOW))
      expect(refusal?.ticketTypes?.map(({ id }) => id)).toEqual([ids[index]])
      return refusal?.code
    })
    expect(codes).toEqual([
      'tickets_unavailable',
      'customer_limit_reached',
      'quantity_out_of_range',
      'sale_ended',
      'sale_not_started',
      'not_on_sale',
      'unknown_ticket_type',
    ])
  })
})

describe('the resource', () => {
  test('has no such ticket type when it is a showtime', () => {
    const snapshot = snapshotOf([showtime({ id: 'event-1' })])
    expect(refusalOf(decide(snapshot, ticketRequest([['standard', 1]]), NOW))).toMatchObject({
      code: 'unknown_ticket_type',
    })
  })

  test.each(['draft', 'cancelled'] as const)('is not on sale when %s', (status) => {
    const snapshot = snapshotOf([event([ticketType()], { status })])
    expect(refusalOf(decide(snapshot, ticketRequest([['standard', 1]]), NOW))).toMatchObject({ code: 'not_on_sale' })
  })
})

describe('the sale window', () => {
  test('includes its start and excludes its end', () => {
    const type = { saleStartsAt: ACCEPTED_AT, saleEndsAt: ACCEPTED_AT + 10 }
    expect(refusalFor([['standard', 1]], type, { acceptedAt: ACCEPTED_AT - 1 })?.code).toBe('sale_not_started')
    expect(refusalFor([['standard', 1]], type, { acceptedAt: ACCEPTED_AT })).toBeNull()
    expect(refusalFor([['standard', 1]], type, { acceptedAt: ACCEPTED_AT + 9 })).toBeNull()
    expect(refusalFor([['standard', 1]], type, { acceptedAt: ACCEPTED_AT + 10 })?.code).toBe('sale_ended')
  })

  test('is judged as of when the request was accepted, however long the line was', () => {
    const snapshot = snapshotOf([event([ticketType({ saleEndsAt: ACCEPTED_AT + 1 })])])
    expect(decide(snapshot, ticketRequest([['standard', 1]]), STARTS_AT)).toMatchObject({ outcome: 'booked' })
  })
})

describe('the quantity', () => {
  test('is within the minimum and maximum per booking', () => {
    const type = { minPerBooking: 2, maxPerBooking: 3 }
    expect(refusalFor([['standard', 1]], type)?.code).toBe('quantity_out_of_range')
    expect(refusalFor([['standard', 2]], type)).toBeNull()
    expect(refusalFor([['standard', 3]], type)).toBeNull()
    expect(refusalFor([['standard', 4]], type)?.code).toBe('quantity_out_of_range')
  })

  test('counts repeated lines together: a limit cannot be split away, a minimum can be gathered', () => {
    expect(
      refusalFor([
        ['standard', 3],
        ['standard', 2],
      ])?.code,
    ).toBe('quantity_out_of_range')
    expect(
      refusalFor(
        [
          ['standard', 1],
          ['standard', 1],
        ],
        { minPerBooking: 2 },
      ),
    ).toBeNull()
    expect(
      refusalFor(
        [
          ['standard', 2],
          ['standard', 2],
        ],
        { capacity: 3 },
      )?.code,
    ).toBe('tickets_unavailable')
    expect(
      refusalFor(
        [
          ['standard', 2],
          ['standard', 2],
        ],
        { maxPerCustomer: 3 },
      )?.code,
    ).toBe('customer_limit_reached')
  })

  test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])('%s is out of range', (quantity) => {
    expect(refusalFor([['standard', quantity]])?.code).toBe('quantity_out_of_range')
    // It is refused even if another line would bring the sum back into range.
    expect(
      refusalFor([
        ['standard', quantity],
        ['standard', 3],
      ])?.code,
    ).toBe('quantity_out_of_range')
  })

  test('of nothing at all is out of range', () => {
    expect(refusalFor([])).toMatchObject({ code: 'quantity_out_of_range' })
  })

  test('too large to add up exactly is out of range, not an error', () => {
    const most = Number.MAX_SAFE_INTEGER
    expect(
      refusalFor([
        ['standard', most],
        ['standard', most],
      ])?.code,
    ).toBe('quantity_out_of_range')
  })
})

describe('the limit per customer', () => {
  test('holds for each of the customer keys, with what the key already holds', () => {
    const type = { maxPerCustomer: 4, heldByCustomer: new Map([['email-1', 3]]) }
    expect(refusalFor([['standard', 1]], type)).toBeNull()
    expect(refusalFor([['standard', 2]], type)).toMatchObject({
      code: 'customer_limit_reached',
      detail: 'Limit per customer exceeded: Standard (at most 4 per customer).',
    })
    expect(refusalFor([['standard', 2]], type, { customerKeys: ['email-1', 'owner-2'] })?.code).toBe(
      'customer_limit_reached',
    )
    expect(refusalFor([['standard', 4]], type, { customerKeys: ['owner-1', 'email-2'] })).toBeNull()
  })

  test('does not exist where it is not set', () => {
    expect(
      refusalFor([['standard', 4]], { maxPerCustomer: null, heldByCustomer: new Map([['email-1', 99]]) }),
    ).toBeNull()
  })
})

describe('a refusal', () => {
  test('for want of tickets says which types and how many are left', () => {
    const types = [ticketType({ sold: 9 }), ticketType({ id: 'vip', name: 'VIP', capacity: 5, sold: 7 })]
    const asked = ticketRequest([
      ['vip', 1],
      ['standard', 2],
    ])
    expect(refusalOf(decide(snapshotOf([event(types)]), asked, NOW))).toEqual({
      code: 'tickets_unavailable',
      detail: 'Not enough left: VIP (0 left), Standard (1 left).',
      ticketTypes: [
        { id: 'vip', available: 0 },
        { id: 'standard', available: 1 },
      ],
    })
  })

  test('takes the last ticket into account', () => {
    expect(refusalFor([['standard', 1]], { sold: 9 })).toBeNull()
    expect(refusalFor([['standard', 1]], { sold: 10 })?.code).toBe('tickets_unavailable')
  })

  test('names unknown types once each', () => {
    expect(
      refusalFor([
        ['x', 1],
        ['standard', 1],
        ['__proto__', 1],
        ['x', 1],
      ])?.ticketTypes,
    ).toEqual([{ id: 'x' }, { id: '__proto__' }])
  })
})

test('a price that cannot be counted exactly throws instead of being wrong', () => {
  expect(() => refusalFor([['standard', 4]], { price: Number.MAX_SAFE_INTEGER })).toThrow(RangeError)
})

function refusalFor(
  tickets: readonly (readonly [ticketTypeId: string, quantity: number])[],
  type: Partial<TicketTypeSnapshot> = {},
  request: Partial<BookingRequest> = {},
) {
  return refusalOf(decide(snapshotOf([event([ticketType(type)])]), ticketRequest(tickets, request), NOW))
}

function refusalOf(decision: Decision) {
  return decision.outcome === 'refused' ? decision.refusal : null
}
