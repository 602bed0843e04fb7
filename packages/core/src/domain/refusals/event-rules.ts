import type { AskedTickets, WantedTickets } from '../asked-tickets.ts'
import type { BookingRequest } from '../booking-request.ts'
import { listed } from './refuse.ts'
import type { RefusedTicketType } from './refusal.ts'
import { type Rule, rule, type RuleName } from './rule.ts'
import type { EventSnapshot, TicketTypeSnapshot } from '../snapshot.ts'

/** A request for an event, before its ticket types are looked up. */
export interface AskedEvent {
  readonly event: EventSnapshot
  readonly request: Pick<BookingRequest, 'acceptedAt'>
}

/** The rules about the event itself. */
export const EVENT_RULES: readonly Rule<AskedEvent>[] = [
  rule({
    code: 'not_on_sale',
    when: 'the event is not published',
    fails: ({ event }) => event.status !== 'published',
    detail: 'This event is not on sale.',
  }),
  rule({
    code: 'in_the_past',
    when: 'the event had started when the request was accepted',
    fails: ({ event, request }) => request.acceptedAt >= event.startsAt,
    detail: 'This event has already started.',
  }),
]

/** The rules about its tickets. Each checks all ticket types before the next one, and names those for which it fails. */
export const TICKET_RULES: readonly Rule<AskedTickets>[] = [
  rule({
    code: 'unknown_ticket_type',
    when: 'a ticket type does not belong to this event',
    fails: ({ unknown }) => unknown.length > 0 && unknown,
    detail: (ids) => `Not a ticket type of this event: ${listed(ids)}.`,
    facts: (ids) => ({ ticketTypes: ids.map((id) => ({ id })) }),
  }),
  ticketRule({
    code: 'not_on_sale',
    when: 'a ticket type is not active',
    fails: ({ type }) => !type.active,
    reason: 'Not on sale',
  }),
  ticketRule({
    code: 'sale_not_started',
    when: 'it was accepted before the sale of a ticket type started',
    fails: ({ type }, { request }) => type.saleStartsAt !== null && request.acceptedAt < type.saleStartsAt,
    reason: 'Not on sale yet',
  }),
  ticketRule({
    code: 'sale_ended',
    when: 'it was accepted at or after the end of the sale of a ticket type',
    fails: ({ type }, { request }) => type.saleEndsAt !== null && request.acceptedAt >= type.saleEndsAt,
    reason: 'No longer on sale',
  }),
  rule({
    code: 'quantity_out_of_range',
    when: 'it has no tickets',
    fails: ({ wanted }) => wanted.length === 0,
    detail: 'A booking takes at least 1 ticket.',
  }),
  ticketRule({
    code: 'quantity_out_of_range',
    when: 'a quantity is outside the minimum and maximum of its ticket type',
    // In this form, NaN is out of range.
    fails: ({ type, quantity }) => !(quantity >= type.minPerBooking && quantity <= type.maxPerBooking),
    reason: 'Outside the limits per booking',
    note: (type) => `${type.minPerBooking} to ${type.maxPerBooking}`,
  }),
  ticketRule({
    code: 'customer_limit_reached',
    when: 'the customer would exceed the limit per customer of a ticket type',
    fails: ({ type, quantity }, { request }) =>
      type.maxPerCustomer !== null && mostHeld(type, request.customerKeys) + quantity > type.maxPerCustomer,
    reason: 'Limit per customer exceeded',
    // The limit, but not the number held: that may belong to another account with the same e-mail address.
    note: (type) => `at most ${type.maxPerCustomer} per customer`,
  }),
  ticketRule({
    code: 'tickets_unavailable',
    when: 'it is for more tickets of a type than are left',
    fails: ({ type, quantity }) => quantity > availableOf(type),
    reason: 'Not enough left',
    note: (type) => `${availableOf(type)} left`,
    fact: (type) => ({ id: type.id, available: availableOf(type) }),
  }),
]

interface TicketRuleTerms extends RuleName {
  readonly fails: (wanted: WantedTickets, asked: AskedTickets) => boolean
  /** Begins the sentence; the names of the ticket types follow. */
  readonly reason: string
  /** Follows each name, in brackets. */
  readonly note?: (type: TicketTypeSnapshot) => string
  /** The facts that the refusal gives about each ticket type. Default: its id. */
  readonly fact?: (type: TicketTypeSnapshot) => RefusedTicketType
}

/** Returns a rule that checks each ticket type and names all for which it fails. */
function ticketRule({ code, when, fails, reason, note, fact = idOf }: TicketRuleTerms): Rule<AskedTickets> {
  const named = (type: TicketTypeSnapshot) => (note === undefined ? type.name : `${type.name} (${note(type)})`)
  return rule({
    code,
    when,
    fails: (asked: AskedTickets) => {
      let types: TicketTypeSnapshot[] | null = null
      for (const wanted of asked.wanted) {
        if (fails(wanted, asked)) (types ??= []).push(wanted.type)
      }
      return types ?? false
    },
    detail: (types) => `${reason}: ${listed(types.map(named))}.`,
    facts: (types) => ({ ticketTypes: types.map(fact) }),
  })
}

function idOf({ id }: TicketTypeSnapshot): RefusedTicketType {
  return { id }
}

function mostHeld(type: TicketTypeSnapshot, customerKeys: readonly string[]): number {
  let most = 0
  for (const key of customerKeys) most = Math.max(most, type.heldByCustomer.get(key) ?? 0)
  return most
}

/** Returns the number of tickets left: at least 0, even if the capacity was lowered below the number sold. */
function availableOf(type: TicketTypeSnapshot): number {
  return Math.max(0, type.capacity - type.sold)
}
