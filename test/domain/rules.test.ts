import { askForSeats, linesOfSeats } from '@boxoffice/core/domain/asked-seats.ts'
import { askForTickets, linesOfTickets } from '@boxoffice/core/domain/asked-tickets.ts'
import type { BookingRequest } from '@boxoffice/core/domain/booking-request.ts'
import { decide } from '@boxoffice/core/domain/decide.ts'
import { EVENT_RULES, TICKET_RULES } from '@boxoffice/core/domain/refusals/event-rules.ts'
import { PRICE_RULES, PROMO_CODE_RULES } from '@boxoffice/core/domain/refusals/price-rules.ts'
import { priceItems, type UndiscountedItem } from '@boxoffice/core/domain/money/pricing.ts'
import { promoCodeKey } from '@boxoffice/core/domain/promo-code.ts'
import { REFUSAL_CODES, type Refusal } from '@boxoffice/core/domain/refusals/refusal.ts'
import { REQUEST_RULES } from '@boxoffice/core/domain/refusals/request-rules.ts'
import type { Rule } from '@boxoffice/core/domain/refusals/rule.ts'
import { RULES_IN_ORDER } from '@boxoffice/core/domain/refusals/rules-in-order.ts'
import { SEAT_RULES, SHOWTIME_RULES } from '@boxoffice/core/domain/refusals/showtime-rules.ts'
import type { ResourceSnapshot, Snapshot } from '@boxoffice/core/domain/snapshot.ts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { broken, CASES, type RuleCase } from './rule-cases.ts'
import { NOW } from './snapshots.ts'

describe.each([
  ['a showtime', 'showtime'],
  ['an event', 'event'],
] as const)('the rules of %s', (_, kind) => {
  const rules = RULES_IN_ORDER[kind]
  const cases = CASES[kind]
  const named = cases.map((each) => [each.when, each] as const)

  test('each have a case, in their order, and a name of their own', () => {
    expect([...new Set(cases.map(({ when }) => when))]).toEqual(rules.map(({ when }) => when))
    expect(new Set(rules.map(({ when }) => when)).size).toBe(rules.length)
  })

  test('all hold for the request that the cases start from', () => {
    const { snapshot, request } = broken(kind, [])
    expect([...failingRules(snapshot, request).keys()]).toEqual([])
    expect(decide(snapshot, request, NOW)).toMatchObject({ outcome: 'booked', promoCodeId: 'promo-1' })
  })

  test.each(named)('refuse by one of them alone if %s', (when, each) => {
    const { snapshot, request } = broken(kind, [each])
    const failing = failingRules(snapshot, request)
    expect([...failing.keys()]).toEqual([when])
    const refusal = failing.get(when)
    expect(refusal?.code).toBe(rules.find((rule) => rule.when === when)?.code)
    expect(refusal?.detail).toMatch(/^[A-Z].*\.$/)
    expect(decide(snapshot, request, NOW)).toEqual({ outcome: 'refused', refusal })
  })

  test.each(cases.map(({ when }, index) => [when, cases.slice(index)] as const))(
    'refuse by the first that fails, also if every later one does: %s',
    (when, later) => {
      expectFirstToWin(compatible(later), when)
    },
  )

  test('refuse by the first that fails, whichever do', () => {
    fc.assert(
      fc.property(fc.subarray([...cases], { minLength: 1 }), (chosen) => {
        const [first] = compatible(chosen)
        expectFirstToWin(compatible(chosen), first?.when)
      }),
      { numRuns: 500 },
    )
  })

  function expectFirstToWin(chosen: readonly RuleCase[], first: string | undefined): void {
    const { snapshot, request } = broken(kind, chosen)
    const failing = failingRules(snapshot, request)
    const isFound = snapshot.resources.has(request.resourceId)
    if (isFound) expect([...failing.keys()]).toEqual(expect.arrayContaining(chosen.map(({ when }) => when)))
    const firstByTable = rules.find(({ when }) => failing.has(when))
    expect(firstByTable?.when).toBe(first)
    expect(decide(snapshot, request, NOW)).toEqual({ outcome: 'refused', refusal: failing.get(first ?? '') })
  }
})

test('every code is refused with by a rule, but for what is no decision', () => {
  const codes = new Set(Object.values(RULES_IN_ORDER).flatMap((rules) => rules.map(({ code }) => code)))
  expect(REFUSAL_CODES.filter((code) => !codes.has(code))).toEqual(['internal_error'])
})

/** Leaves out the cases that cannot be broken together with the first one. */
function compatible(cases: readonly RuleCase[]): readonly RuleCase[] {
  const [odd] = cases.filter(({ needsTickets, asksForNothing }) => needsTickets ?? asksForNothing ?? false)
  if (odd === undefined) return cases
  return cases.filter(({ needsTickets, asksForNothing }) =>
    odd.asksForNothing === true ? needsTickets !== true : asksForNothing !== true,
  )
}

/** Asks every rule, whatever the rules before it say. Returns the refusal of each that fails, by its name. */
function failingRules(snapshot: Snapshot, request: BookingRequest): ReadonlyMap<string, Refusal> {
  const resource = snapshot.resources.get(request.resourceId)
  const { selection } = request
  const found = failingOf(REQUEST_RULES, { resource, selection })
  if (resource?.kind === 'showtime' && selection.kind === 'showtime') {
    const asked = askForSeats(resource, selection.seats)
    return new Map([
      ...found,
      ...failingOf(SHOWTIME_RULES, { showtime: resource, request }),
      ...failingOf(SEAT_RULES, asked),
      ...failingPriceRules(snapshot, resource, request, linesOfSeats(asked)),
    ])
  }
  if (resource?.kind === 'event' && selection.kind === 'event') {
    const asked = askForTickets(resource, request, selection.tickets)
    return new Map([
      ...found,
      ...failingOf(EVENT_RULES, { event: resource, request }),
      ...failingOf(TICKET_RULES, asked),
      ...failingPriceRules(snapshot, resource, request, linesOfTickets(asked)),
    ])
  }
  return new Map(found)
}

function failingPriceRules(
  snapshot: Snapshot,
  resource: ResourceSnapshot,
  request: BookingRequest,
  items: readonly UndiscountedItem[],
): readonly (readonly [string, Refusal])[] {
  const promo = snapshot.promoCodes.get(promoCodeKey(resource.organizerId, request.promoCode ?? ''))
  const price = priceItems(items, promo ?? null, resource.feeBasisPoints, resource.currency)
  return [
    ...failingOf(PROMO_CODE_RULES, { promo, request, currency: resource.currency }),
    ...failingOf(PRICE_RULES, { price, request }),
  ]
}

function failingOf<Asked>(rules: readonly Rule<Asked>[], asked: Asked): readonly (readonly [string, Refusal])[] {
  return rules.flatMap((rule) => {
    const failing = rule.fails(asked)
    return failing === false ? [] : [[rule.when, rule.refusal(failing, asked)] as const]
  })
}
