import type pg from 'pg'
import type { BookingRequest } from '../../domain/booking-request.ts'
import { normalizePromoCode, promoCodeKey } from '../../domain/promo-code.ts'
import type {
  PromoCodeSnapshot,
  ResourceSnapshot,
  ShowtimeSnapshot,
  Snapshot,
  TicketTypeSnapshot,
} from '../../domain/snapshot.ts'
import { run } from '../../db/transaction.ts'
import { KnownSeats } from './read-seats.ts'

type Executor = pg.Pool | pg.PoolClient

/** Times are milliseconds since the epoch. */
interface ResourceRow {
  readonly now: number
  readonly id: string
  readonly organizerId: string
  readonly holdTtlMs: number
  readonly feeBasisPoints: number
  readonly changedAt: number | null
  readonly announcesRefusals: boolean
  readonly showtime: {
    readonly status: ShowtimeSnapshot['status']
    readonly startsAt: number
    readonly currency: string
    readonly maxSeatsPerBooking: number
    readonly layoutId: string
    readonly prices: Readonly<Record<string, number>> | null
  } | null
  readonly event: {
    readonly status: 'draft' | 'published' | 'cancelled'
    readonly startsAt: number
    readonly currency: string
    readonly ticketTypes: readonly Omit<TicketTypeSnapshot, 'heldByCustomer'>[] | null
  } | null
}

/** Condition of the index `webhook_endpoints_refusals`, which has few rows. */
const NAMES_REFUSALS = `status = 'active' and deleted_at is null
        and event_types && array['booking_request.refused', 'booking_request.*']`

/*
 * LATERAL with OFFSET 0 looks every resource up by its key, whatever the statistics say: a batch's cost must depend on
 * the batch alone.
 */
const READ_RESOURCES = {
  name: 'read-resources',
  text: `
    select (extract(epoch from clock_timestamp()) * 1000)::float8 as now,
      r.id, r.organizer_id as "organizerId", r.hold_ttl_ms as "holdTtlMs", o.fee_basis_points as "feeBasisPoints",
      (select (extract(epoch from changed_at) * 1000)::float8 from resource_state where resource_id = r.id)
        as "changedAt",
      coalesce((select true from webhook_endpoints where organizer_id = r.organizer_id and ${NAMES_REFUSALS} limit 1),
        (select true from webhook_endpoints where organizer_id is null and ${NAMES_REFUSALS} limit 1), false)
        as "announcesRefusals",
      case r.kind when 'showtime' then (
        select json_build_object(
          'status', s.status, 'startsAt', extract(epoch from s.starts_at) * 1000, 'currency', s.currency,
          'maxSeatsPerBooking', s.max_seats_per_booking, 'layoutId', s.layout_id,
          'prices', (select json_object_agg(category_id, price) from showtime_prices where showtime_id = r.id))
        from showtimes s where s.id = r.id) end as showtime,
      case r.kind when 'event' then (
        select json_build_object(
          'status', e.status, 'startsAt', extract(epoch from e.starts_at) * 1000, 'currency', e.currency,
          'ticketTypes', (
            select json_agg(json_build_object(
              'id', t.id, 'name', t.name, 'price', t.price, 'capacity', c.capacity, 'sold', c.sold, 'active', t.active,
              'saleStartsAt', extract(epoch from t.sale_starts_at) * 1000,
              'saleEndsAt', extract(epoch from t.sale_ends_at) * 1000,
              'minPerBooking', t.min_per_booking, 'maxPerBooking', t.max_per_booking,
              'maxPerCustomer', t.max_per_customer))
            from ticket_types t join ticket_type_state c on c.ticket_type_id = t.id where t.event_id = r.id))
        from events e where e.id = r.id) end as event
    from unnest($1::uuid[]) as wanted(id)
    cross join lateral (select * from resources where id = wanted.id offset 0) r
    cross join lateral (select * from organizers where id = r.organizer_id offset 0) o`,
}

const READ_ALLOCATIONS = {
  name: 'read-allocations',
  text: `
    select w.showtime_id as "showtimeId", w.label
    from unnest($1::uuid[], $2::text[]) as w(showtime_id, label)
    cross join lateral (
      select from seat_allocations a where a.showtime_id = w.showtime_id and a.seat_label = w.label offset 0
    ) taken`,
}

const READ_HELD_BY_CUSTOMERS = {
  name: 'read-ticket-type-customers',
  text: `
    select w.id, w.key, c.quantity
    from unnest($1::uuid[], $2::text[]) as w(id, key)
    cross join lateral (
      select quantity from ticket_type_customers where ticket_type_id = w.id and customer_key = w.key offset 0
    ) c`,
}

const READ_PROMO_CODES = {
  name: 'read-promo-codes',
  text: `
    select p.id, p.organizer_id as "organizerId", p.code, p.active, p.kind, p.value, p.currency,
      (extract(epoch from p.starts_at) * 1000)::float8 as "startsAt",
      (extract(epoch from p.ends_at) * 1000)::float8 as "endsAt",
      (select array_agg(resource_id) from promo_code_resources where promo_code_id = p.id) as "resourceIds",
      s.max_redemptions as "maxRedemptions", s.redeemed, p.max_per_customer as "maxPerCustomer"
    from unnest($1::uuid[], $2::text[]) as w(organizer_id, code)
    cross join lateral (
      select * from promo_codes where organizer_id = w.organizer_id and code = w.code offset 0
    ) p
    cross join lateral (select * from promo_code_state where promo_code_id = p.id offset 0) s`,
}

const READ_REDEEMED_BY_CUSTOMERS = {
  name: 'read-promo-code-customers',
  text: `
    select w.id, w.key, c.redeemed as quantity
    from unnest($1::uuid[], $2::text[]) as w(id, key)
    cross join lateral (
      select redeemed from promo_code_customers where promo_code_id = w.id and customer_key = w.key offset 0
    ) c`,
}

/** The catalogue holds something that no decision can be made on. */
export class UnreadableRowError extends Error {
  override readonly name = 'UnreadableRowError'
}

interface CustomerCount {
  readonly id: string
  readonly key: string
  readonly quantity: number
}

/**
 * Reads what deciding these requests needs, and the database's clock (ms since the epoch) after it. Takes no locks: the
 * decider locks before it reads; a quote reads what is true at the moment. Unknown resources and codes are absent.
 */
export async function readSnapshot(
  executor: Executor,
  requests: readonly BookingRequest[],
): Promise<{ snapshot: Snapshot; now: number }> {
  const resourceIds = [...new Set(requests.map((request) => request.resourceId))]
  const rows = await run<ResourceRow & Record<string, unknown>>(executor, READ_RESOURCES, [resourceIds])

  const resources = new Map<string, ResourceSnapshot>()
  const seats = await knownSeats.read(executor, wantedSeats(rows, requests))
  for (const row of rows) resources.set(row.id, resourceOf(row, seats))
  await readAllocations(executor, resources, requests)
  await readHeldByCustomers(executor, resources, requests)
  const promoCodes = await readPromoCodes(executor, resources, requests)
  return { snapshot: { resources, promoCodes }, now: rows[0]?.now ?? 0 }
}

const knownSeats = new KnownSeats()

type SeatsByLayout = Awaited<ReturnType<KnownSeats['read']>>

/** Returns the labels that are asked for, by layout. */
function wantedSeats(rows: readonly ResourceRow[], requests: readonly BookingRequest[]): Map<string, Set<string>> {
  const layouts = new Map<string, Set<string>>()
  const ofResource = new Map<string, Set<string>>()
  for (const { id, showtime } of rows) {
    if (showtime === null) continue
    const labels = layouts.get(showtime.layoutId) ?? new Set<string>()
    layouts.set(showtime.layoutId, labels)
    ofResource.set(id, labels)
  }
  for (const { resourceId, selection } of requests) {
    const labels = selection.kind === 'showtime' ? ofResource.get(resourceId) : undefined
    if (labels !== undefined && selection.kind === 'showtime') for (const label of selection.seats) labels.add(label)
  }
  return layouts
}

function resourceOf(row: ResourceRow, seats: SeatsByLayout): ResourceSnapshot {
  const { id, organizerId, holdTtlMs, feeBasisPoints, changedAt, announcesRefusals } = row
  const common = { id, organizerId, holdTtlMs, feeBasisPoints, changedAt, announcesRefusals }
  if (row.showtime !== null) {
    const { prices, layoutId, ...showtime } = row.showtime
    return {
      kind: 'showtime',
      ...common,
      ...showtime,
      seats: seats.get(layoutId) ?? new Map(),
      prices: new Map(Object.entries(prices ?? {})),
      allocated: new Set(),
    }
  }
  if (row.event !== null) {
    const { ticketTypes, ...event } = row.event
    const types = (ticketTypes ?? []).map((type) => ({ ...type, heldByCustomer: new Map<string, number>() }))
    return { kind: 'event', ...common, ...event, ticketTypes: new Map(types.map((type) => [type.id, type])) }
  }
  throw new UnreadableRowError(`resource ${id} has neither a showtime nor an event`)
}

async function readAllocations(
  executor: Executor,
  resources: ReadonlyMap<string, ResourceSnapshot>,
  requests: readonly BookingRequest[],
): Promise<void> {
  const showtimeIds: string[] = []
  const labels: string[] = []
  for (const { resourceId, selection } of requests) {
    const resource = resources.get(resourceId)
    if (selection.kind !== 'showtime' || resource?.kind !== 'showtime') continue
    for (const label of selection.seats) {
      if (!resource.seats.has(label)) continue
      showtimeIds.push(resourceId)
      labels.push(label)
    }
  }
  if (labels.length === 0) return
  const rows = await run<{ showtimeId: string; label: string }>(executor, READ_ALLOCATIONS, [showtimeIds, labels])
  for (const { showtimeId, label } of rows) {
    const resource = resources.get(showtimeId)
    if (resource?.kind === 'showtime') resource.allocated.add(label)
  }
}

async function readHeldByCustomers(
  executor: Executor,
  resources: ReadonlyMap<string, ResourceSnapshot>,
  requests: readonly BookingRequest[],
): Promise<void> {
  const limited = new Map<string, TicketTypeSnapshot>()
  const wanted = customerPairs(requests, ({ resourceId, selection }) => {
    const resource = resources.get(resourceId)
    if (selection.kind !== 'event' || resource?.kind !== 'event') return []
    return selection.tickets.flatMap(({ ticketTypeId }) => {
      const type = resource.ticketTypes.get(ticketTypeId)
      if (type === undefined || type.maxPerCustomer === null) return []
      limited.set(type.id, type)
      return [type.id]
    })
  })
  if (wanted.ids.length === 0) return
  const counts = await run<CustomerCount & Record<string, unknown>>(executor, READ_HELD_BY_CUSTOMERS, [
    wanted.ids,
    wanted.keys,
  ])
  for (const { id, key, quantity } of counts) limited.get(id)?.heldByCustomer.set(key, quantity)
}

async function readPromoCodes(
  executor: Executor,
  resources: ReadonlyMap<string, ResourceSnapshot>,
  requests: readonly BookingRequest[],
): Promise<Map<string, PromoCodeSnapshot>> {
  const promoCodes = new Map<string, PromoCodeSnapshot>()
  const wanted = new Map<string, { organizerId: string; code: string }>()
  const keyOf = (request: BookingRequest): string | null => {
    const resource = resources.get(request.resourceId)
    if (request.promoCode === null || resource === undefined) return null
    return promoCodeKey(resource.organizerId, request.promoCode)
  }
  for (const request of requests) {
    const key = keyOf(request)
    const resource = resources.get(request.resourceId)
    if (key === null || resource === undefined) continue
    wanted.set(key, { organizerId: resource.organizerId, code: normalizePromoCode(request.promoCode ?? '') })
  }
  if (wanted.size === 0) return promoCodes

  const pairs = [...wanted.values()]
  type Row = Omit<PromoCodeSnapshot, 'resourceIds' | 'redeemedByCustomer'> & { readonly resourceIds: string[] | null }
  const rows = await run<Row & Record<string, unknown>>(executor, READ_PROMO_CODES, [
    pairs.map((pair) => pair.organizerId),
    pairs.map((pair) => pair.code),
  ])
  const byId = new Map<string, PromoCodeSnapshot>()
  for (const row of rows) {
    const resourceIds = row.resourceIds === null ? null : new Set(row.resourceIds)
    const promo: PromoCodeSnapshot = { ...row, resourceIds, redeemedByCustomer: new Map() }
    promoCodes.set(promoCodeKey(row.organizerId, row.code), promo)
    byId.set(row.id, promo)
  }

  const limited = customerPairs(requests, (request) => {
    const promo = promoCodes.get(keyOf(request) ?? '')
    return promo === undefined || promo.maxPerCustomer === null ? [] : [promo.id]
  })
  if (limited.ids.length === 0) return promoCodes
  const counts = await run<CustomerCount & Record<string, unknown>>(executor, READ_REDEEMED_BY_CUSTOMERS, [
    limited.ids,
    limited.keys,
  ])
  for (const { id, key, quantity } of counts) byId.get(id)?.redeemedByCustomer.set(key, quantity)
  return promoCodes
}

/** Returns the (id, customer key) pairs to look up, each once, as two arrays of the same length. */
function customerPairs(
  requests: readonly BookingRequest[],
  idsOf: (request: BookingRequest) => readonly string[],
): { ids: string[]; keys: string[] } {
  const pairs = new Map<string, { id: string; key: string }>()
  for (const request of requests) {
    for (const id of idsOf(request)) {
      for (const key of request.customerKeys) pairs.set(`${id} ${key}`, { id, key })
    }
  }
  const unique = [...pairs.values()]
  return { ids: unique.map((pair) => pair.id), keys: unique.map((pair) => pair.key) }
}
