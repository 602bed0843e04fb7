import type { AskedArea, AskedPlaces, AskedSeat } from '../asked-places.ts'
import { leavesSingleNeedlessly } from '../house/single-seats.ts'
import { isRate, type Rate } from '../rate.ts'
import type { ResourceSnapshot } from '../snapshot.ts'
import { listed } from './refuse.ts'
import type { RefusedArea } from './refusal.ts'
import { type Rule, rule, type RuleName } from './rule.ts'

/**
 * The rules about seats and areas. Each checks all of them before the next one, and names those for which it fails. That the
 * places are free comes after what a request could have known.
 */
export const PLACE_RULES: readonly Rule<AskedPlaces>[] = [
  seatRule({
    code: 'invalid_seat',
    when: 'a seat is not in the seat map',
    fails: ({ seat }) => seat === undefined,
    detail: (labels, { resource }) => `Not a seat of this ${resource.kind}: ${listed(labels)}.`,
  }),
  areaRule({
    code: 'invalid_seat',
    when: 'an area is not in the seat map',
    fails: ({ area }) => area === undefined,
    detail: (areas, { resource }) => `Not an area of this ${resource.kind}: ${namesOf(areas)}.`,
  }),
  rule({
    code: 'duplicate_seat',
    when: 'a seat is named more than once',
    fails: ({ repeated }) => repeated.length > 0 && repeated,
    detail: (labels) => `Named more than once: ${listed(labels)}.`,
    facts: (seats) => ({ seats }),
  }),
  seatRule({
    code: 'seat_disabled',
    when: 'a seat is never sold, or its category has no price',
    fails: ({ seat }, { resource }) => seat !== undefined && (seat.disabled || !resource.prices.has(seat.categoryId)),
    detail: whyUnsold,
  }),
  areaRule({
    code: 'seat_disabled',
    when: "an area's category has no price",
    fails: ({ area }, { resource }) => area !== undefined && !resource.prices.has(area.categoryId),
    detail: (areas, { resource }) => `Not on sale at this ${resource.kind}: ${namesOf(areas)}.`,
  }),
  rule({
    code: 'rate_unknown',
    when: 'a rate is none of the showtime or event',
    fails: ({ resource, seats, areas }) =>
      someOf(
        [...seats, ...areas].flatMap(({ rate }) => (rate !== null && !isRate(resource.rates, rate) ? [rate] : [])),
      ),
    detail: (codes) => `Not a rate here: ${listed(codes)}.`,
    facts: (rates) => ({ rates }),
  }),
  rule({
    code: 'rate_unknown',
    when: 'a rate is not sold in the category of its place',
    fails: (asked) => someOf([...asked.seats, ...asked.areas].flatMap((place) => unsoldRate(place, asked.resource))),
    detail: (codes) => `Not sold for these places: ${listed(codes)}.`,
    facts: (rates) => ({ rates }),
  }),
  rule({
    code: 'quantity_out_of_range',
    when: 'it names no place, more places than one booking may have, or a quantity that is no positive integer',
    fails: (asked) => {
      const count = countOf(asked)
      const isNothing = count === 0 && asked.wish.tickets.length === 0 && asked.foundBest
      // In this form, NaN is out of range.
      return isNothing || !(count <= asked.resource.maxSeatsPerBooking)
    },
    detail: (_, asked) => {
      const count = countOf(asked)
      const most = `A booking takes 1 to ${asked.resource.maxSeatsPerBooking} seats`
      return Number.isNaN(count) ? `${most}.` : `${most}; this one has ${count}.`
    },
  }),
  rule({
    code: 'quantity_out_of_range',
    when: 'it has more places of a rate than the rate allows, or lacks a place of the rate that another needs',
    fails: (asked) => someOf(asked.resource.rates.flatMap((rate) => brokenRate(rate, asked))),
    detail: (reasons) => reasons.map(({ reason }) => reason).join(' '),
    facts: (reasons) => ({ rates: reasons.map(({ code }) => code) }),
  }),
  rule({
    code: 'seat_unavailable',
    when: 'fewer seats are free than the best ones that it asks for',
    fails: ({ foundBest }) => !foundBest,
    detail: (_, asked) => whyNoBest(asked),
  }),
  seatRule({
    code: 'seat_unavailable',
    when: 'a seat is held or sold',
    fails: ({ label }, { resource, request }) =>
      resource.allocated.has(label) && (request.blockId === null || resource.blockOf.get(label) !== request.blockId),
    detail: (labels) => `Already taken: ${listed(labels)}.`,
  }),
  areaRule({
    code: 'area_full',
    when: 'it is for more places of an area than are left',
    fails: ({ label, area }, asked) => area !== undefined && quantityIn(label, asked) > availableIn(label, asked),
    detail: (areas, asked) =>
      `Not enough left: ${listed(areas.map(({ label }) => `${label} (${availableIn(label, asked)} left)`))}.`,
    fact: ({ label }, asked) => ({ area: label, available: availableIn(label, asked) }),
  }),
  rule({
    code: 'single_seat_left',
    when: 'it would leave one free seat between taken ones, where single seats are refused and other choices would leave none',
    fails: (asked) => someOf(singleSeats(asked)),
    detail: (labels) => `One free seat would be left alone: ${listed(labels)}. Choose seats beside it.`,
    facts: (seats) => ({ seats }),
  }),
]

interface SeatRuleTerms extends RuleName {
  readonly fails: (seat: AskedSeat, asked: AskedPlaces) => boolean
  readonly detail: (labels: readonly string[], asked: AskedPlaces) => string
}

/** Returns a rule that checks each seat and names all for which it fails. */
function seatRule({ code, when, fails, detail }: SeatRuleTerms): Rule<AskedPlaces> {
  return rule({
    code,
    when,
    fails: (asked: AskedPlaces) => {
      let labels: string[] | null = null
      for (const seat of asked.seats) {
        if (fails(seat, asked)) (labels ??= []).push(seat.label)
      }
      return labels ?? false
    },
    detail,
    facts: (seats) => ({ seats }),
  })
}

interface AreaRuleTerms extends RuleName {
  readonly fails: (area: AskedArea, asked: AskedPlaces) => boolean
  readonly detail: (areas: readonly AskedArea[], asked: AskedPlaces) => string
  /** The facts that the refusal gives about each area. Default: its label. */
  readonly fact?: (area: AskedArea, asked: AskedPlaces) => RefusedArea
}

/** Returns a rule that checks each area and names all for which it fails, each once. */
function areaRule({ code, when, fails, detail, fact = ({ label }) => ({ area: label }) }: AreaRuleTerms) {
  return rule({
    code,
    when,
    fails: (asked: AskedPlaces) => {
      const failing = new Map<string, AskedArea>()
      for (const area of asked.areas) if (fails(area, asked)) failing.set(area.label, area)
      return failing.size > 0 && [...failing.values()]
    },
    detail,
    facts: (areas, asked) => ({ areas: areas.map((area) => fact(area, asked)) }),
  })
}

const namesOf = (areas: readonly AskedArea[]) => listed(areas.map(({ label }) => label))

/** Returns the list without what is repeated, or `false` where it is empty. */
function someOf<T>(list: readonly T[]): readonly T[] | false {
  return list.length > 0 && [...new Set(list)]
}

function countOf({ seats, areas }: AskedPlaces): number {
  return areas.reduce((sum, { quantity }) => sum + quantity, seats.length)
}

/** Returns why there are no best seats: too few are free, or nothing is called as the category is. */
function whyNoBest({ wish: { best }, resource: { kind, prices } }: AskedPlaces): string {
  const { quantity = 0, category = null, together = false } = best ?? {}
  const isSold = category === null || [...prices].some(([id, { name }]) => id === category || name === category)
  if (!isSold) return `Not a category on sale at this ${kind}: ${category}.`
  if (quantity === 1) return 'There is no seat left.'
  return together ? `There are no ${quantity} seats next to each other left.` : `There are no ${quantity} seats left.`
}

/** Returns the reason, which distinguishes seats that are never sold from seats that only this showtime does not sell. */
function whyUnsold(labels: readonly string[], { resource, seats }: AskedPlaces): string {
  const disabledOnes = new Set(seats.flatMap(({ label, seat }) => (seat?.disabled === true ? [label] : [])))
  const disabled = labels.filter((label) => disabledOnes.has(label))
  const unpriced = labels.filter((label) => !disabledOnes.has(label))
  return [
    ...(disabled.length > 0 ? [`Never for sale: ${listed(disabled)}.`] : []),
    ...(unpriced.length > 0 ? [`Not on sale at this ${resource.kind}: ${listed(unpriced)}.`] : []),
  ].join(' ')
}

function unsoldRate(place: AskedSeat | AskedArea, { rates, prices }: ResourceSnapshot): string[] {
  const { rate, unitPrice } = place
  const categoryId = ('seat' in place ? place.seat : place.area)?.categoryId
  if (rate === null || unitPrice !== undefined || categoryId === undefined) return []
  return prices.has(categoryId) && isRate(rates, rate) ? [rate] : []
}

function brokenRate(rate: Rate, asked: AskedPlaces): { readonly code: string; readonly reason: string }[] {
  const { code, name, needs, maxPerBooking } = rate
  const count = ofRate(code, asked)
  if (count === 0) return []
  if (maxPerBooking !== undefined && count > maxPerBooking) {
    return [{ code, reason: `A booking takes at most ${maxPerBooking} places of the rate ${name}.` }]
  }
  if (needs === undefined || ofRate(needs, asked) > 0) return []
  const needed = asked.resource.rates.find((other) => other.code === needs)?.name ?? needs
  return [{ code, reason: `The rate ${name} needs a place of the rate ${needed} in the same booking.` }]
}

function ofRate(code: string, { seats, areas }: AskedPlaces): number {
  return areas.reduce(
    (sum, { rate, quantity }) => sum + (rate === code ? quantity : 0),
    seats.filter(({ rate }) => rate === code).length,
  )
}

/** Returns the places wanted of an area, at all rates together. */
function quantityIn(label: string, { areas }: AskedPlaces): number {
  return areas.reduce((sum, area) => sum + (area.label === label ? area.quantity : 0), 0)
}

/** Returns the places left of an area, with those that the request's block keeps. */
function availableIn(label: string, { resource, request }: AskedPlaces): number {
  const area = resource.areas.get(label)
  if (area === undefined) return 0
  const own = request.blockId === null ? 0 : (resource.blocks.get(request.blockId)?.areas.get(label) ?? 0)
  return Math.max(0, area.capacity - area.sold - area.kept) + own
}

function singleSeats({ resource, request, seats, wish }: AskedPlaces): readonly string[] {
  const { seating, singleSeats: rule, prices } = resource
  // The best seats leave one alone only where nothing else is left, and the organizer's people know what they do.
  if (rule === 'allow' || seating === null || request.seller === 'house' || wish.best !== null) return []
  const labels = seats.map(({ label }) => label)
  return leavesSingleNeedlessly(seating.house, seating.occupancy, labels, new Set(prices.keys()))
}
