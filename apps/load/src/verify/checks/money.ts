import type { Check } from '../check.ts'

/** I5: amounts add up, and money that was taken is accounted for. Holds at any moment. */
export const MONEY_CHECKS: readonly Check[] = [
  {
    name: 'I5 a total that is not subtotal - discount + fee',
    finds: `
      select id as what from bookings
      where total <> subtotal - discount + fee or discount not between 0 and subtotal or fee < 0`,
  },
  {
    name: 'I5 a booking whose items do not sum up to it',
    finds: `
      select b.id as what from bookings b
      join (select booking_id, sum(unit_price * quantity) as subtotal, sum(discount) as discount
        from booking_items group by 1) l on l.booking_id = b.id
      where b.subtotal <> l.subtotal or b.discount <> l.discount`,
  },
  {
    name: 'I5 amounts of a payment that do not fit its refunds',
    finds: `
      select p.id as what from payments p left join refunds r on r.payment_id = p.id
      group by p.id
      having p.refunded + p.reserved > p.captured
        or p.refunded <> coalesce(sum(r.amount) filter (where r.status = 'completed'), 0)
        or p.reserved <> coalesce(sum(r.amount) filter (where r.status in ('reserved', 'sent')), 0)`,
  },
  {
    name: 'I5 money taken for nothing',
    finds: `
      select p.id as what from payments p join bookings b on b.id = p.booking_id
      where p.captured > 0 and p.refunded + p.reserved < p.captured
        and (b.paid_by is distinct from p.id or b.status = 'cancelled' and b.total > b.fee and p.refunded + p.reserved = 0)`,
  },
  {
    name: 'I5 a confirmed booking that nobody paid',
    finds: `
      select b.id as what from bookings b left join payments p on p.id = b.paid_by
      where b.status in ('confirmed', 'completed', 'no_show') and b.total > 0 and p.captured is distinct from b.total`,
  },
  {
    name: 'I5 an open payment of a booking that waits for none',
    finds: `
      select p.id as what from payments p join bookings b on b.id = p.booking_id
      where p.status in ('pending', 'processing') and b.status <> 'pending'`,
  },
  {
    name: 'I5 two open payments',
    finds: `
      select booking_id as what from payments where status in ('pending', 'processing') group by 1 having count(*) > 1`,
  },
]
