import type { LedgerCheck } from './check.ts'

/** I2, I3 and I8, for systems whose bookings all come out of the line. Holds at any moment. */
export const LINE_CHECKS: readonly LedgerCheck[] = [
  {
    name: 'I2 a request and a booking that do not belong to each other',
    finds: `
      select coalesce(q.id, b.request_id) as what from booking_requests q full join bookings b on b.request_id = q.id
      where (q.state = 'booked') is distinct from (b.id is not null) or q.booking_id is distinct from b.id`,
  },
  {
    name: 'I2 a request that was not decided exactly once, by the audit',
    finds: `
      select q.id as what from booking_requests q
      left join (select request_id, count(*) as rows from audit
        where action in ('booking.created', 'booking_request.refused') group by 1) a on a.request_id = q.id::text
      where coalesce(a.rows, 0) <> case when q.state = 'queued' then 0 else 1 end`,
  },
  {
    name: 'I2 a request on the wrong side of what its lane has decided',
    finds: `
      select q.id as what from booking_requests q join lanes l on l.id = q.lane
      where (q.state = 'queued') = (q.seq <= l.watermark)`,
  },
  {
    name: 'I8 a request decided before one that came earlier',
    finds: `
      select id as what
      from (select id, decided_at, max(decided_at) over (partition by lane order by seq
        rows between unbounded preceding and 1 preceding) as before
        from booking_requests where decided_at is not null) q
      where decided_at < before`,
  },
]
