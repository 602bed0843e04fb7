import type { AskedTickets, WantedTickets } from '../asked-tickets.ts'
import { listed } from './refuse.ts'
import type { RefusedTicketType } from './refusal.ts'
import { type Rule, rule, type RuleName } from './rule.ts'
import type { Quota } from '../quota.ts'
import type { TicketTypeSnapshot } from '../snapshot.ts'

/** The rules about tickets. Each checks all ticket types before the next one, and names those for which it fails. */
export const TICKET_RULES: readonly Rule<AskedTickets>[] = [
  rule({
    code: 'unknown_ticket_type',
    when: 'a ticket type does not belong to this event',
    fails: ({ unknown }) => unknown.length > 0 && unknown,
    detail: (ids, { resource }) => `Not a ticket type of this ${resource.kind}: ${listed(ids)}.`,
    facts: (ids) => ({ ticketTypes: ids.map((id) => ({ id })) }),
  }),
  ticketRule({
    code: 'not_on_sale',
    when: 'a ticket type is not active',
    fails: ({ type }) => !type.active,
    reason: 'Not on sale',
  }),
  ticketRule({
    code: 'code_required',
    when: 'a ticket type is hidden, and its promo code does not open it',
    fails: ({ type }, { request, promo }) =>
      type.hidden && request.seller !== 'house' && promo?.opens.has(type.id) !== true,
    reason: 'Sold only with a code',
  }),
  ticketRule({
    code: 'sale_not_started',
    when: 'it was accepted before the sale of a ticket type started',
    fails: ({ type }, { request }) =>
      request.seller !== 'house' && type.saleStartsAt !== null && request.acceptedAt < type.saleStartsAt,
    reason: 'Not on sale yet',
  }),
  ticketRule({
    code: 'sale_ended',
    when: 'it was accepted at or after the end of the sale of a ticket type',
    fails: ({ type }, { request }) =>
      request.seller !== 'house' && type.saleEndsAt !== null && request.acceptedAt >= type.saleEndsAt,
    reason: 'No longer on sale',
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
  rule({
    code: 'quota_exhausted',
    when: 'it is for more tickets than are left of a quota that ticket types share',
    fails: (asked) => {
      const full = asked.resource.quotas.filter((quota) => wantedOf(quota, asked) > leftOf(quota, asked))
      return full.length > 0 && full
    },
    detail: (quotas, asked) =>
      `Not enough left: ${listed(quotas.map((quota) => `${quota.name} (${leftOf(quota, asked)} left)`))}.`,
    facts: (quotas, asked) => ({
      ticketTypes: asked.wanted.flatMap(({ type: { id } }) =>
        quotas.some(({ ticketTypeIds }) => ticketTypeIds.includes(id)) ? [{ id }] : [],
      ),
      available: Math.min(...quotas.map((quota) => leftOf(quota, asked))),
    }),
  }),
]

/** Returns the tickets wanted of a quota: 0 where the request is for none of its types. */
function wantedOf({ ticketTypeIds }: Quota, { wanted }: AskedTickets): number {
  return wanted.reduce((sum, { type, quantity }) => sum + (ticketTypeIds.includes(type.id) ? quantity : 0), 0)
}

function leftOf({ capacity, ticketTypeIds }: Quota, { resource }: AskedTickets): number {
  const sold = ticketTypeIds.reduce((sum, id) => sum + (resource.ticketTypes.get(id)?.sold ?? 0), 0)
  return Math.max(0, capacity - sold)
}

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
