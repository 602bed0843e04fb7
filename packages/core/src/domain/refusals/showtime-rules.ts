import type { AskedSeat, AskedSeats } from '../asked-seats.ts'
import type { BookingRequest } from '../booking-request.ts'
import { listed } from './refuse.ts'
import { type Rule, rule, type RuleName } from './rule.ts'
import type { ShowtimeSnapshot } from '../snapshot.ts'

/** A request for a showtime, before its seats are looked up. */
export interface AskedShowtime {
  readonly showtime: ShowtimeSnapshot
  readonly request: Pick<BookingRequest, 'acceptedAt'>
}

/** The rules about the showtime itself. */
export const SHOWTIME_RULES: readonly Rule<AskedShowtime>[] = [
  rule({
    code: 'not_on_sale',
    when: 'the showtime is not active',
    fails: ({ showtime }) => showtime.status !== 'active',
    detail: 'This showtime is not on sale.',
  }),
  rule({
    code: 'in_the_past',
    when: 'the showtime had started when the request was accepted',
    fails: ({ showtime, request }) => request.acceptedAt >= showtime.startsAt,
    detail: 'This showtime has already started.',
  }),
]

/** The rules about its seats. Each checks all seats before the next one, and names those for which it fails. */
export const SEAT_RULES: readonly Rule<AskedSeats>[] = [
  seatRule({
    code: 'invalid_seat',
    when: 'a seat is not in the seat map',
    fails: ({ seat }) => seat === undefined,
    detail: (labels) => `Not a seat of this showtime: ${listed(labels)}.`,
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
    fails: ({ seat, unitPrice }) => seat !== undefined && (seat.disabled || unitPrice === undefined),
    detail: whyUnsold,
  }),
  seatRule({
    code: 'seat_unavailable',
    when: 'a seat is held or sold',
    fails: ({ label }, { showtime }) => showtime.allocated.has(label),
    detail: (labels) => `Already taken: ${listed(labels)}.`,
  }),
  rule({
    code: 'quantity_out_of_range',
    when: 'it names no seat, or more seats than the showtime allows in one booking',
    fails: ({ showtime, seats }) => seats.length === 0 || seats.length > showtime.maxSeatsPerBooking,
    detail: (_, { showtime, seats }) =>
      `A booking takes 1 to ${showtime.maxSeatsPerBooking} seats; this one has ${seats.length}.`,
  }),
]

interface SeatRuleTerms extends RuleName {
  readonly fails: (seat: AskedSeat, asked: AskedSeats) => boolean
  readonly detail: (labels: readonly string[], asked: AskedSeats) => string
}

/** Returns a rule that checks each seat and names all for which it fails. */
function seatRule({ code, when, fails, detail }: SeatRuleTerms): Rule<AskedSeats> {
  return rule({
    code,
    when,
    fails: (asked: AskedSeats) => {
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

/** Returns the reason, which distinguishes seats that are never sold from seats that only this showtime does not sell. */
function whyUnsold(labels: readonly string[], { showtime }: AskedSeats): string {
  const isDisabled = (label: string) => showtime.seats.get(label)?.disabled === true
  const disabled = labels.filter((label) => isDisabled(label))
  const unpriced = labels.filter((label) => !isDisabled(label))
  return [
    ...(disabled.length > 0 ? [`Never for sale: ${listed(disabled)}.`] : []),
    ...(unpriced.length > 0 ? [`Not on sale at this showtime: ${listed(unpriced)}.`] : []),
  ].join(' ')
}
