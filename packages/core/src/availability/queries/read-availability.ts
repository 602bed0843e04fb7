import type pg from 'pg'
import type { AvailabilityReading } from '../../domain/availability.ts'
import { run } from '../../db/transaction.ts'

/** Members of a house's JSON: seats and areas of `t` (a showtime or an event, with its layout), sold while `isOpen`. */
const house = (t: string, isOpen: string) => `
             'taken', (select coalesce(json_agg(x.label order by x.position), '[]')
                         from seat_allocations a
                         join seats x on x.layout_id = ${t}.layout_id and x.label = a.seat_label
                        where a.showtime_id = ${t}.id),
             'categories', (select coalesce(json_agg(json_build_object(
                                'id', c.id, 'name', c.name, 'price', p.price,
                                'total', coalesce(k.total, 0) + coalesce(f.total, 0),
                                'available', case when ${isOpen}
                                  then coalesce(k.available, 0) + coalesce(f.available, 0) else 0 end)
                              order by c.position, c.id), '[]')
                         from seat_categories c
                         left join showtime_prices p on p.showtime_id = ${t}.id and p.category_id = c.id
                         left join (select x.category_id, count(*) as total,
                                           count(*) filter (where a.seat_label is null) as available
                                      from seats x
                                      join showtime_prices p on p.showtime_id = ${t}.id and p.category_id = x.category_id
                                      left join seat_allocations a on a.showtime_id = ${t}.id and a.seat_label = x.label
                                     where x.layout_id = ${t}.layout_id and not x.disabled
                                     group by x.category_id) k on k.category_id = c.id
                         left join (select x.category_id, sum(a.capacity) as total,
                                           sum(a.capacity - a.sold - a.kept) as available
                                      from layout_areas x
                                      join showtime_prices p on p.showtime_id = ${t}.id and p.category_id = x.category_id
                                      join area_state a on a.resource_id = ${t}.id and a.label = x.label
                                     where x.layout_id = ${t}.layout_id
                                     group by x.category_id) f on f.category_id = c.id
                        where c.layout_id = ${t}.layout_id),
             'areas', (select coalesce(json_agg(json_build_object(
                                'label', x.label, 'categoryId', x.category_id, 'capacity', a.capacity,
                                'available', case when ${isOpen} then a.capacity - a.sold - a.kept else 0 end)
                              order by x.position), '[]')
                         from layout_areas x join area_state a on a.resource_id = ${t}.id and a.label = x.label
                        where x.layout_id = ${t}.layout_id)`

const msOf = (time: string) => `floor(extract(epoch from ${time}) * 1000)::bigint`

const saleTimes = (startsAt: string, endsAt: string) => `'startsAt', ${msOf(startsAt)}, 'endsAt', ${msOf(endsAt)},
             'salesStartAt', ${msOf('r.sales_start_at')}, 'salesEndAt', ${msOf('r.sales_end_at')}`

/**
 * One statement, so that the version and what is counted come from the same snapshot even under READ COMMITTED: a
 * version read in a statement of its own could be newer or older than the seats.
 */
const READ_AVAILABILITY = {
  name: 'read-availability',
  text: `
    select json_build_object(
             'kind', 'showtime', 'version', n.version, 'active', s.status = 'active',
             ${saleTimes('s.starts_at', 's.starts_at + make_interval(mins => m.duration_minutes)')},
             ${house('s', "s.status = 'active'")}) as reading
      from showtimes s
      join resource_state n on n.resource_id = s.id
      join resources r on r.id = s.id
      join movies m on m.id = s.movie_id
     where s.id = $1::uuid and s.status in ('active', 'cancelled')
    union all
    select json_build_object(
             'kind', 'event', 'version', n.version, 'published', e.status = 'published', 'quotas', e.quotas,
             ${saleTimes('e.starts_at', 'e.ends_at')},
             'ticketTypes', (select coalesce(json_agg(json_build_object(
                                'id', t.id, 'name', t.name, 'price', t.price,
                                'capacity', c.capacity, 'sold', c.sold, 'active', t.active,
                                'hidden', t.hidden,
                                'saleStartsAt', ${msOf('t.sale_starts_at')},
                                'saleEndsAt', ${msOf('t.sale_ends_at')})
                              order by t.position, t.id), '[]')
                         from ticket_types t join ticket_type_state c on c.ticket_type_id = t.id
                        where t.event_id = e.id),
             'house', case when e.layout_id is not null then json_build_object(${house('e', "e.status = 'published'")}) end
           ) as reading
      from events e
      join resource_state n on n.resource_id = e.id
      join resources r on r.id = e.id
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
