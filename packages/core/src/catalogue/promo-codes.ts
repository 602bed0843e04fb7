import { PROMO_CODE } from '../fields/promo-code.ts'
import { columnsOf, type Shown } from '../use-case/read-things.ts'

/** Promo codes as their organizer sees them. */
export const promoCodes: Shown = {
  noun: 'promo code',
  from: 'promo_codes t join promo_code_state s on s.promo_code_id = t.id',
  owner: 't.organizer_id',
  beginning: 't.code',
  columns: {
    organizerId: 't.organizer_id',
    ...columnsOf(PROMO_CODE),
    value: 't.value::float8',
    maxRedemptions: 's.max_redemptions',
    redeemed: 's.redeemed',
    maxTickets: 's.max_tickets',
    tickets: 's.tickets',
    resourceIds: `(select array_agg(resource_id order by resource_id) from promo_code_resources
      where promo_code_id = t.id)`,
    createdAt: 't.created_at',
  },
}
