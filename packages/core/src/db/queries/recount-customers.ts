import { run, type Transaction } from '../transaction.ts'

/*
 * What customers hold is counted only where there is a limit per customer, so the counts begin when the limit does. They
 * are counted as `write-decisions` and `release-inventory` go on to: by each of a booking's keys, while it is not
 * cancelled.
 */
const FORGET_TICKETS = {
  name: 'forget-ticket-type-customers',
  text: 'delete from ticket_type_customers where ticket_type_id = $1',
}

const COUNT_TICKETS = {
  name: 'count-ticket-type-customers',
  text: `
    insert into ticket_type_customers (ticket_type_id, customer_key, quantity)
    select l.ticket_type_id, k.key, sum(l.quantity)
    from bookings b
    cross join lateral (select distinct unnest(b.customer_keys) as key) k
    join booking_lines l on l.booking_id = b.id and l.ticket_type_id = $2::uuid
    where b.resource_id = $1::uuid and b.status <> 'cancelled'
    group by 1, 2`,
}

const FORGET_REDEMPTIONS = {
  name: 'forget-promo-code-customers',
  text: 'delete from promo_code_customers where promo_code_id = $1',
}

const COUNT_REDEMPTIONS = {
  name: 'count-promo-code-customers',
  text: `
    insert into promo_code_customers (promo_code_id, customer_key, redeemed)
    select b.promo_code_id, k.key, count(*)
    from bookings b
    cross join lateral (select distinct unnest(b.customer_keys) as key) k
    where b.organizer_id = $1::uuid and b.promo_code_id = $2::uuid and b.status <> 'cancelled'
    group by 1, 2`,
}

/** Counts what each customer holds of a ticket type anew, or no more. Needs the lock of the event. */
export async function recountTicketTypeCustomers(
  tx: Transaction,
  eventId: string,
  ticketTypeId: string,
  limited: boolean,
): Promise<void> {
  await run(tx.client, FORGET_TICKETS, [ticketTypeId])
  if (limited) await run(tx.client, COUNT_TICKETS, [eventId, ticketTypeId])
}

/** Counts how often each customer redeemed a promo code anew, or no more. Needs the lock of the promo code. */
export async function recountPromoCodeCustomers(
  tx: Transaction,
  organizerId: string,
  promoCodeId: string,
  limited: boolean,
): Promise<void> {
  await run(tx.client, FORGET_REDEMPTIONS, [promoCodeId])
  if (limited) await run(tx.client, COUNT_REDEMPTIONS, [organizerId, promoCodeId])
}
