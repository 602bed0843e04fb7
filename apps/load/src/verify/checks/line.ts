import type { Check } from '../check.ts'
import { REFUSAL_CODES, REFUSALS } from '@boxoffice/core/domain/refusals/refusal.ts'

const BY_COMPETITION = REFUSAL_CODES.filter((code) => REFUSALS[code].isByCompetition)
  .map((code) => `'${code}'`)
  .join(', ')

/** I2, I3 and I8, for systems whose bookings all come out of the line. Holds at any moment. */
export const LINE_CHECKS: readonly Check[] = [
  {
    name: 'I2 a request and a booking that do not belong to each other',
    finds: `
      select coalesce(q.id, b.request_id) as what from booking_requests q full join bookings b on b.request_id = q.id
      where (q.state = 'booked') is distinct from (b.id is not null) or q.booking_id is distinct from b.id`,
  },
  {
    name: 'I2 a request that was decided twice, or booked by nobody, by the audit',
    finds: `
      select q.id as what from booking_requests q
      left join (select request_id, count(*) filter (where action = 'booking.created') as booked,
          count(*) filter (where action = 'booking_request.refused') as refused
        from audit group by 1) a on a.request_id = q.id::text
      where coalesce(a.booked, 0) <> case when q.state = 'booked' then 1 else 0 end
        or coalesce(a.refused, 0) > case when q.state = 'refused' then 1 else 0 end`,
  },
  {
    /** A refusal that says nothing new is recorded by its own row alone (`domain/refusals/refusal-news.ts`). */
    name: 'I7 a refusal that had to be recorded and has no audit row',
    finds: `
      select q.id as what
      from (select *, max(decided_at) filter (where state = 'booked') over (partition by resource_id
        order by decided_at, seq rows between unbounded preceding and 1 preceding) as changed_at
        from booking_requests) q
      where q.state = 'refused' and (q.refusal->>'code' = 'internal_error'
          or q.refusal->>'code' in (${BY_COMPETITION}) and q.changed_at >= q.accepted_at - interval '1 minute')
        and not exists (select from audit a where a.request_id = q.id::text and a.action = 'booking_request.refused')`,
  },
  {
    name: 'I2 a request on the wrong side of what its line has decided',
    finds: `
      select q.id as what from booking_requests q join resource_state s on s.resource_id = q.resource_id
      where (q.state = 'queued') = (q.seq <= s.watermark)`,
  },
  {
    name: 'I8 a request decided before one that came earlier',
    finds: `
      select id as what
      from (select id, decided_at, max(decided_at) over (partition by resource_id order by seq
        rows between unbounded preceding and 1 preceding) as before
        from booking_requests where decided_at is not null) q
      where decided_at < before`,
  },
]
