import type { Check } from '../check.ts'

/** I7: audit and outgoing events tell everything once; and references are as buyers know them. Holds at any moment. */
export const RECORD_CHECKS: readonly Check[] = [
  {
    name: 'a reference that is not 8 characters, or of two bookings',
    finds: `
      select reference as what from bookings
      group by reference having count(*) > 1 or reference !~ '^[A-HJKMNP-Z2-9]{8}$'`,
  },
  {
    name: 'I7 events with a gap',
    finds: `
      select b.id as what from bookings b left join outbox o on o.entity_id = b.id
      group by b.id, b.event_seq
      having count(o.*) <> b.event_seq or min(o.entity_seq) <> 1 or max(o.entity_seq) <> b.event_seq
        or count(distinct o.entity_seq) <> b.event_seq`,
  },
  {
    name: 'I7 a booking that does not begin with its creation',
    finds: `
      select b.id as what from bookings b join outbox o on o.entity_id = b.id and o.entity_seq = 1
      where o.type <> 'booking.created'`,
  },
  {
    name: 'I7 an event without its audit row, or the other way round',
    finds: `
      select coalesce(o.id, a.id) as what
      from (select o.id, o.type from outbox o join bookings b on b.id = o.entity_id
        union all select id, type from outbox where type = 'booking_request.refused') o
      full join (select id, action from audit where entity in ('booking', 'booking_request', 'payment', 'refund', 'ticket')) a
        on a.id = o.id and a.action = o.type
      where o.id is null or a.id is null`,
  },
  {
    name: 'I7 a status that the audit does not tell',
    finds: `
      select b.id as what from bookings b
      join (select distinct on (a.entity_id) a.entity_id, a.after->>'status' as status
        from audit a join outbox o on o.id = a.id and o.at = a.at
        where a.after ? 'status' order by a.entity_id, o.entity_seq desc) last on last.entity_id = b.id
      where last.status <> b.status`,
  },
  {
    name: 'I7 two events at one place in the feed, or beyond its end',
    finds: `
      select o.position as what from outbox o cross join event_feed f
      where o.position is not null group by o.position, f.position having count(*) > 1 or o.position > f.position`,
  },
]
