import type pg from 'pg'
import type { AvailabilityReading } from '../../domain/availability.ts'
import { run } from '../../db/transaction.ts'

/**
 * One statement, so that the version and what is counted come from the same snapshot even under READ COMMITTED: a
 * version read in a statement of its own could be newer or older than the seats.
 */
const READ_AVAILABILITY = {
  name: 'read-availability',
  text: `
    select json_build_object(
             'kind', 'showtime', 'version', n.version,
             'taken', (select coalesce(json_agg(t.label order by t.position), '[]')
                         from seat_allocations a
                         join seats t on t.layout_id = s.layout_id and t.label = a.seat_label
                        where a.showtime_id = s.id),
             'categories', (select coalesce(json_agg(json_build_object(
                                'id', c.id, 'name', c.name, 'price', p.price,
                                'total', coalesce(k.total, 0),
                                'available', case when s.status = 'active' then coalesce(k.available, 0) else 0 end)
                              order by c.position, c.id), '[]')
                         from seat_categories c
                         left join showtime_prices p on p.showtime_id = s.id and p.category_id = c.id
                         left join (select t.category_id, count(*) as total,
                                           count(*) filter (where a.seat_label is null) as available
                                      from seats t
                                      join showtime_prices p on p.showtime_id = s.id and p.category_id = t.category_id
                                      left join seat_allocations a on a.showtime_id = s.id and a.seat_label = t.label
                                     where t.layout_id = s.layout_id and not t.disabled
                                     group by t.category_id) k on k.category_id = c.id
                        where c.layout_id = s.layout_id)) as reading
      from showtimes s join resource_state n on n.resource_id = s.id
     where s.id = $1::uuid and s.status in ('active', 'cancelled')
    union all
    select json_build_object(
             'kind', 'event', 'version', n.version, 'published', e.status = 'published',
             'startsAt', floor(extract(epoch from e.starts_at) * 1000)::bigint,
             'ticketTypes', (select coalesce(json_agg(json_build_object(
                                'id', t.id, 'name', t.name, 'price', t.price,
                                'capacity', c.capacity, 'sold', c.sold, 'active', t.active,
                                'saleStartsAt', floor(extract(epoch from t.sale_starts_at) * 1000)::bigint,
                                'saleEndsAt', floor(extract(epoch from t.sale_ends_at) * 1000)::bigint)
                              order by t.position, t.id), '[]')
                         from ticket_types t join ticket_type_state c on c.ticket_type_id = t.id
                        where t.event_id = e.id)) as reading
      from events e join resource_state n on n.resource_id = e.id
     where e.id = $1::uuid and e.status in ('published', 'cancelled')`,
}

/** Returns the availability of a showtime or an event with its version; `null` if the public may not know of it. */
export async function readAvailability(
  executor: pg.Pool | pg.PoolClient,
  resourceId: string,
): Promise<AvailabilityReading | null> {
  const [row] = await run<{ reading: AvailabilityReading }>(executor, READ_AVAILABILITY, [resourceId])
  return row?.reading ?? null
}
