import type pg from 'pg'
import type { RefundPolicy } from '../../domain/refund-policy.ts'
import { type Cursor, type Page, toPage } from '../../db/cursor.ts'
import { ListFilter } from '../../db/list-filter.ts'
import type { ManagedFilter } from './managed-filter.ts'

/** An event as its organizer sees it, drafts too. Times RFC 3339, prices in minor units of `currency`. */
export interface ManagedEvent {
  readonly id: string
  readonly organizerId: string
  readonly title: string
  readonly description: string
  readonly venue: string
  readonly timeZone: string
  readonly startsAt: string
  readonly endsAt: string
  readonly status: 'draft' | 'published' | 'cancelled'
  readonly currency: string
  readonly ticketTypes: readonly ManagedTicketType[]
  readonly holdTtlMs: number
  readonly refundPolicy: RefundPolicy
  readonly checkInOpensMs: number
  readonly lane: number
  readonly version: number
  readonly createdAt: string
}

export interface ManagedTicketType {
  readonly id: string
  readonly name: string
  readonly price: number
  readonly capacity: number
  /** Held or sold. */
  readonly sold: number
  readonly active: boolean
  readonly saleStartsAt: string | null
  readonly saleEndsAt: string | null
  readonly minPerBooking: number
  readonly maxPerBooking: number
  readonly maxPerCustomer: number | null
}

/** JSON has no times, so sale windows come in milliseconds since the epoch. */
type TicketTypeRow = Omit<ManagedTicketType, 'saleStartsAt' | 'saleEndsAt'> & {
  readonly saleStartsAt: number | null
  readonly saleEndsAt: number | null
}

type Row = Omit<ManagedEvent, 'startsAt' | 'endsAt' | 'createdAt' | 'ticketTypes'> & {
  readonly startsAt: Date
  readonly endsAt: Date
  readonly createdAt: Date
  readonly startsAtUs: number
  readonly ticketTypes: readonly TicketTypeRow[]
}

const SELECT = `
  select e.id, r.organizer_id as "organizerId", e.title, e.description, e.venue, e.time_zone as "timeZone",
    e.starts_at as "startsAt", (extract(epoch from e.starts_at) * 1000000)::bigint as "startsAtUs",
    e.ends_at as "endsAt", e.status, e.currency,
    (select coalesce(json_agg(json_build_object(
        'id', t.id, 'name', t.name, 'price', t.price, 'capacity', c.capacity, 'sold', c.sold, 'active', t.active,
        'saleStartsAt', floor(extract(epoch from t.sale_starts_at) * 1000)::bigint,
        'saleEndsAt', floor(extract(epoch from t.sale_ends_at) * 1000)::bigint,
        'minPerBooking', t.min_per_booking, 'maxPerBooking', t.max_per_booking,
        'maxPerCustomer', t.max_per_customer) order by t.position, t.id), '[]')
      from ticket_types t join ticket_type_state c on c.ticket_type_id = t.id where t.event_id = e.id) as "ticketTypes",
    r.hold_ttl_ms as "holdTtlMs", r.refund_policy as "refundPolicy", r.check_in_opens_ms as "checkInOpensMs",
    r.lane, n.version, e.created_at as "createdAt"
  from events e
  join resources r on r.id = e.id
  join resource_state n on n.resource_id = e.id`

/** The earliest first, whatever their status. */
export async function listManagedEvents(
  pool: pg.Pool,
  filter: ManagedFilter,
  limit: number,
  after: Cursor | null,
): Promise<Page<ManagedEvent>> {
  const list = new ListFilter(limit)
  list.where((parameter) => `r.organizer_id = ${parameter}::uuid`, filter.organizerId)
  list.where((parameter) => `e.status = ${parameter}`, filter.status)
  list.where((parameter) => `e.starts_at >= ${parameter}::timestamptz`, filter.from)
  list.where((parameter) => `e.starts_at < ${parameter}::timestamptz`, filter.to)
  list.beyond('e.starts_at, e.id', '>', after)
  const { rows } = await pool.query<Row & Record<string, unknown>>(
    `${SELECT} where ${list.clause} order by e.starts_at, e.id limit $1::int + 1`,
    list.values,
  )
  return toPage(rows, limit, ({ id, startsAtUs }) => ({ key: startsAtUs, id }), toView)
}

/** @param organizerId whose it must be; `null` is anybody's */
export async function findManagedEvent(
  pool: pg.Pool,
  id: string,
  organizerId: string | null,
): Promise<ManagedEvent | null> {
  const { rows } = await pool.query<Row & Record<string, unknown>>(
    `${SELECT} where e.id = $1::uuid and ($2::uuid is null or r.organizer_id = $2)`,
    [id, organizerId],
  )
  return rows[0] === undefined ? null : toView(rows[0])
}

function toView({ startsAt, endsAt, createdAt, ticketTypes, startsAtUs: _, ...row }: Row): ManagedEvent {
  return {
    ...row,
    startsAt: startsAt.toISOString(),
    endsAt: endsAt.toISOString(),
    createdAt: createdAt.toISOString(),
    ticketTypes: ticketTypes.map((type) => ({
      ...type,
      saleStartsAt: toInstant(type.saleStartsAt),
      saleEndsAt: toInstant(type.saleEndsAt),
    })),
  }
}

const toInstant = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString())
