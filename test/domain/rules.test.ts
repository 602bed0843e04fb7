import { askForPlaces, linesOfPlaces } from '@boxoffice/core/domain/asked-places.ts'
import { askForTickets, linesOfTickets } from '@boxoffice/core/domain/asked-tickets.ts'
import type { BookingRequest } from '@boxoffice/core/domain/booking-request.ts'
import { decide } from '@boxoffice/core/domain/decide.ts'
import { priceItems } from '@boxoffice/core/domain/money/pricing.ts'
import { placesOf, promoCodeKey } from '@boxoffice/core/domain/promo-code.ts'
import { PLACE_RULES } from '@boxoffice/core/domain/refusals/place-rules.ts'
import { PRICE_RULES, PROMO_CODE_RULES } from '@boxoffice/core/domain/refusals/price-rules.ts'
import { REFUSAL_CODES, type Refusal } from '@boxoffice/core/domain/refusals/refusal.ts'
import { REQUEST_RULES } from '@boxoffice/core/domain/refusals/request-rules.ts'
import { RESOURCE_RULES } from '@boxoffice/core/domain/refusals/resource-rules.ts'
import type { Rule } from '@boxoffice/core/domain/refusals/rule.ts'
import { RULES_IN_ORDER } from '@boxoffice/core/domain/refusals/rules-in-order.ts'
import { TICKET_RULES } from '@boxoffice/core/domain/refusals/ticket-rules.ts'
import type { Snapshot } from '@boxoffice/core/domain/snapshot.ts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { broken, CASES, type RuleCase } from './rule-cases.ts'
import { NOW } from './snapshots.ts'

const named = CASES.map((each, index) => [each.when, index, each] as const)

test('every rule has a case, in their order, and a name of its own', () => {
  expect([...new Set(CASES.map(({ when }) => when))]).toEqual(RULES_IN_ORDER.map(({ when }) => when))
  expect(new Set(RULES_IN_ORDER.map(({ when }) => when)).size).toBe(RULES_IN_ORDER.length)
})

test('all hold for the request that the cases start from', () => {
  const { snapshot, request } = broken([])
  expect([...failingRules(snapshot, request).keys()]).toEqual([])
  expect(decide(snapshot, request, NOW)).toMatchObject({ outcome: 'booked', promoCodeId: 'promo-1' })
})

test.each(named)('one of them alone refuses if %s (%i)', (when, _, each) => {
  const { snapshot, request } = broken([each])
  const failing = failingRules(snapshot, request)
  expect([...failing.keys()]).toEqual([when])
  const refusal = failing.get(when)
  expect(refusal?.code).toBe(RULES_IN_ORDER.find((rule) => rule.when === when)?.code)
  expect(refusal?.detail).toMatch(/^[A-Z].*\.$/)
  expect(decide(snapshot, request, NOW)).toEqual({ outcome: 'refused', refusal })
})

test.each(named)('the first that fails refuses, also if every later one does: %s (%i)', (when, index) => {
  expectFirstToWin(compatible(CASES.slice(index)), when)
})

test('the first that fails refuses, whichever do', () => {
  fc.assert(
    fc.property(fc.subarray([...CASES], { minLength: 1 }), (chosen) => {
      const [first] = compatible(chosen)
      expectFirstToWin(compatible(chosen), first?.when)
    }),
    { numRuns: 500 },
  )
})

test('every code is refused with by a rule, but for what is no decision', () => {
  const codes = new Set(RULES_IN_ORDER.map(({ code }) => code))
  expect(REFUSAL_CODES.filter((code) => !codes.has(code)).sort()).toEqual(['internal_error', 'withdrawn'])
})

function expectFirstToWin(chosen: readonly RuleCase[], first: string | undefined): void {
  const { snapshot, request } = broken(chosen)
  const failing = failingRules(snapshot, request)
  const isFound = snapshot.resources.has(request.resourceId)
  if (isFound) expect([...failing.keys()]).toEqual(expect.arrayContaining(chosen.map(({ when }) => when)))
  const firstByTable = RULES_IN_ORDER.find(({ when }) => failing.has(when))
  expect(firstByTable?.when).toBe(first)
  expect(decide(snapshot, request, NOW)).toEqual({ outcome: 'refused', refusal: failing.get(first ?? '') })
}

/** Leaves out the cases that cannot be broken together with one before them. */
function compatible(cases: readonly RuleCase[]): readonly RuleCase[] {
  const kept: RuleCase[] = []
  for (const each of cases) if (kept.every((other) => goTogether(each, other))) kept.push(each)
  return kept
}

function goTogether(a: RuleCase, b: RuleCase): boolean {
  if (a.group !== undefined && a.group === b.group) return false
  if (a.asks === undefined || b.asks === undefined || a.asks === b.asks) return true
  const both = [a.asks, b.asks]
  return !both.includes('nothing') && !(both.includes('best') && (both.includes('seats') || both.includes('areas')))
}

/** Asks every rule, whatever the rules before it say. Returns the refusal of each that fails, by its name. */
function failingRules(snapshot: Snapshot, request: BookingRequest): ReadonlyMap<string, Refusal> {
  const resource = snapshot.resources.get(request.resourceId)
  const found = failingOf(REQUEST_RULES, { resource, request })
  const [wish] = request.wishes
  if (resource === undefined || wish === undefined) return new Map(found)
  const promo = snapshot.promoCodes.get(promoCodeKey(resource.organizerId, request.promoCode ?? ''))
  const places = askForPlaces(resource, request, wish)
  const tickets = askForTickets(resource, request, wish.tickets, promo)
  const isPriced = places.areas.every(({ quantity }) => Number.isSafeInteger(quantity))
  const items = isPriced ? [...linesOfPlaces(places), ...linesOfTickets(tickets)] : linesOfTickets(tickets)
  const price = priceItems(items, promo ?? null, resource.feeBasisPoints, resource.currency)
  return new Map([
    ...found,
    ...failingOf(RESOURCE_RULES, { resource, request }),
    ...failingOf(PLACE_RULES, places),
    ...failingOf(TICKET_RULES, tickets),
    ...(request.promoCode === null
      ? []
      : failingOf(PROMO_CODE_RULES, {
          promo,
          request,
          places: promo === undefined ? 0 : placesOf(promo, items, resource),
          currency: resource.currency,
        })),
    ...failingOf(PRICE_RULES, { price, request, minimumTotal: resource.minimumTotal }),
  ])
}

function failingOf<Asked>(rules: readonly Rule<Asked>[], asked: Asked): readonly (readonly [string, Refusal])[] {
  return rules.flatMap((rule) => {
    const failing = rule.fails(asked)
    return failing === false ? [] : [[rule.when, rule.refusal(failing, asked)] as const]
  })
}
