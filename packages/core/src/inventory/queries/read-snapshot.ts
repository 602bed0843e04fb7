import type pg from 'pg'
import type { BookingRequest } from '../../domain/booking-request.ts'
import { HouseSeats } from '../../domain/house/house-seats.ts'
import { normalizePromoCode, promoCodeKey } from '../../domain/promo-code.ts'
import type { Quota } from '../../domain/quota.ts'
import type { CategoryPrice, Rate } from '../../domain/rate.ts'
import type {
  AreaSnapshot,
  BlockSnapshot,
  PromoCodeSnapshot,
  ResourceSnapshot,
  Seating,
  Snapshot,
  TicketTypeSnapshot,
} from '../../domain/snapshot.ts'
import { withSalesEnd } from '../../domain/sale-window.ts'
import type { SellingTerms } from '../../domain/selling-terms.ts'
import { run } from '../../db/transaction.ts'
import { KnownSeats } from './read-seats.ts'
import { type MinimumTotals, NO_MINIMUM } from '../../domain/money/minimum-total.ts'

type Executor = pg.Pool | pg.PoolClient

/** Times are milliseconds since the epoch. */
interface ResourceRow {
  readonly now: number
  readonly id: string
  readonly kind: 'showtime' | 'event'
  readonly organizerId: string
  readonly holdTtlMs: number
  readonly salesStartAt: number | null
  readonly salesEndAt: number | null
  readonly singleSeats: 'allow' | 'refuse'
  readonly rates: readonly Rate[]
  readonly feeBasisPoints: number
  readonly version: number
  readonly changedAt: number | null
  readonly announcesRefusals: boolean
  readonly areas: readonly AreaSnapshot[] | null
  readonly prices: readonly (CategoryPrice & { readonly id: string })[] | null
  /** `null` where the catalogue has a resource that is neither. */
  readonly sold: {
    readonly status: ResourceSnapshot['status']
    readonly startsAt: number
    readonly endsAt: number
    readonly currency: string
    readonly maxSeatsPerBooking: number
    readonly layoutId: string | null
    readonly quotas: readonly Quota[]
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
      r.id, r.kind, r.organizer_id as "organizerId", r.hold_ttl_ms as "holdTtlMs", o.fee_basis_points as "feeBasisPoints",
      (extract(epoch from r.sales_start_at) * 1000)::float8 as "salesStartAt",
      (extract(epoch from r.sales_end_at) * 1000)::float8 as "salesEndAt",
      r.single_seats as "singleSeats", r.rates, n.version,
      (extract(epoch from n.changed_at) * 1000)::float8 as "changedAt",
      coalesce((select true from webhook_endpoints where organizer_id = r.organizer_id and ${NAMES_REFUSALS} limit 1),
        (select true from webhook_endpoints where organizer_id is null and ${NAMES_REFUSALS} limit 1), false)
        as "announcesRefusals",
      (select json_agg(json_build_object('label', a.label, 'categoryId', l.category_id, 'capacity', a.capacity,
          'sold', a.sold, 'kept', a.kept))
        from area_state a
        cross join lateral (
          select category_id from layout_areas
          where layout_id = coalesce((select layout_id from showtimes where id = r.id),
            (select layout_id from events where id = r.id)) and label = a.label offset 0
        ) l where a.resource_id = r.id) as areas,
      (select json_agg(json_build_object('id', p.category_id, 'name', c.name, 'price', p.price, 'rates', p.rates))
        from showtime_prices p
        cross join lateral (select name from seat_categories where id = p.category_id offset 0) c
        where p.showtime_id = r.id) as prices,
      case r.kind when 'showtime' then (
        select json_build_object(
          'status', s.status, 'startsAt', extract(epoch from s.starts_at) * 1000,
          'endsAt', (extract(epoch from s.starts_at) + 60 * m.duration_minutes) * 1000, 'currency', s.currency,
          'maxSeatsPerBooking', s.max_seats_per_booking, 'layoutId', s.layout_id, 'quotas', '[]'::json)
        from showtimes s
        cross join lateral (select duration_minutes from movies where id = s.movie_id offset 0) m
        where s.id = r.id)
      when 'event' then (
        select json_build_object(
          'status', e.status, 'startsAt', extract(epoch from e.starts_at) * 1000,
          'endsAt', extract(epoch from e.ends_at) * 1000, 'currency', e.currency,
          'maxSeatsPerBooking', e.max_seats_per_booking, 'layoutId', e.layout_id, 'quotas', e.quotas,
          'ticketTypes', (
            select json_agg(json_build_object(
              'id', t.id, 'name', t.name, 'price', t.price, 'capacity', c.capacity, 'sold', c.sold, 'active', t.active,
              'hidden', t.hidden,
              'saleStartsAt', extract(epoch from t.sale_starts_at) * 1000,
              'saleEndsAt', extract(epoch from t.sale_ends_at) * 1000,
              'minPerBooking', t.min_per_booking, 'maxPerBooking', t.max_per_booking,
              'maxPerCustomer', t.max_per_customer))
            from ticket_types t join ticket_type_state c on c.ticket_type_id = t.id where t.event_id = r.id))
        from events e where e.id = r.id) end as sold
    from unnest($1::uuid[]) as wanted(id)
    cross join lateral (select * from resources where id = wanted.id offset 0) r
    cross join lateral (select * from organizers where id = r.organizer_id offset 0) o
    cross join lateral (select * from resource_state where resource_id = r.id offset 0) n`,
}

const READ_ALLOCATIONS = {
  name: 'read-allocations',
  text: `
    select w.resource_id as "resourceId", w.label, taken.block_id as "blockId"
    from unnest($1::uuid[], $2::text[]) as w(resource_id, label)
    cross join lateral (
      select block_id from seat_allocations a where a.showtime_id = w.resource_id and a.seat_label = w.label offset 0
    ) taken`,
}

const READ_BLOCKS = {
  name: 'read-blocks',
  text: `
    select b.id, b.resource_id as "resourceId",
      (select json_object_agg(label, quantity) from block_areas where block_id = b.id) as areas
    from unnest($1::uuid[]) as w(id)
    cross join lateral (select * from blocks where id = w.id and released_at is null offset 0) b`,
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
      p.ticket_type_ids as "ticketTypeIds", p.categories, p.rates, p.opens_ticket_type_ids as opens,
      p.max_tickets_per_booking as "maxTicketsPerBooking", s.max_tickets as "maxTickets", s.tickets,
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

/** A resource of which the house is needed, as it was when the snapshot was read. */
export interface WantedSeating {
  readonly resourceId: string
  readonly layoutId: string
  readonly version: number
}

/** Returns the houses and their occupancy, by resource. */
export type ReadSeatings = (
  executor: Executor,
  wanted: readonly WantedSeating[],
) => Promise<ReadonlyMap<string, Seating>>

/** Parts of reading that differ between the decider and quotes. */
export interface SnapshotOptions {
  /** Houses and who sits in them; without it nobody asks about neighbours. */
  readonly seatings?: ReadSeatings
  readonly terms?: SellingTerms
}

const NO_SEATINGS: ReadSeatings = () => Promise.resolve(new Map())

/** A snapshot as it was read. */
export interface ReadSnapshot {
  readonly snapshot: Snapshot
  /** Database clock, ms since the epoch. */
  readonly now: number
  /** Versions of the resources whose seating was read. */
  readonly seatings: readonly WantedSeating[]
}

/**
 * Reads what deciding these requests needs, and the database's clock (ms since the epoch) after it. Takes no locks: the
 * decider locks before it reads; a quote reads what is true at the moment. Unknown resources and codes are absent.
 */
export async function readSnapshot(
  executor: Executor,
  requests: readonly BookingRequest[],
  { seatings: readSeatings = NO_SEATINGS, terms = {} }: SnapshotOptions = {},
): Promise<ReadSnapshot> {
  const resourceIds = [...new Set(requests.map((request) => request.resourceId))]
  const rows = await run<ResourceRow & Record<string, unknown>>(executor, READ_RESOURCES, [resourceIds])

  const resources = new Map<string, ResourceSnapshot>()
  const wanted = wantedSeatings(rows, requests)
  const seatings = wanted.length === 0 ? new Map<string, Seating>() : await readSeatings(executor, wanted)
  const seats = await knownSeats.read(executor, wantedSeats(rows, requests, seatings))
  for (const row of rows) {
    const resource = resourceOf(row, seats, seatings.get(row.id) ?? null, terms.minimumTotals ?? NO_MINIMUM)
    resources.set(row.id, withSalesEnd(resource, terms.showtimeSellsForMs))
  }
  await readAllocations(executor, resources, requests)
  await readBlocks(executor, resources, requests)
  await readHeldByCustomers(executor, resources, requests)
  const promoCodes = await readPromoCodes(executor, resources, requests)
  return { snapshot: { resources, promoCodes }, now: rows[0]?.now ?? 0, seatings: wanted }
}

const knownSeats = new KnownSeats()

type SeatsByLayout = Awaited<ReturnType<KnownSeats['read']>>

/** Returns the resources of which a request asks about neighbours: for the best seats, or where single seats are refused. */
function wantedSeatings(rows: readonly ResourceRow[], requests: readonly BookingRequest[]): WantedSeating[] {
  const ids = new Set<string>()
  const refusing = new Set(rows.flatMap(({ id, singleSeats }) => (singleSeats === 'refuse' ? [id] : [])))
  for (const { resourceId, wishes } of requests) {
    const asks = wishes.some(
      ({ best, seats }) => (best !== null && best.area === null) || (seats.length > 0 && refusing.has(resourceId)),
    )
    if (asks) ids.add(resourceId)
  }
  return rows.flatMap(({ id, sold, version }) =>
    ids.has(id) && sold !== null && sold.layoutId !== null
      ? [{ resourceId: id, layoutId: sold.layoutId, version }]
      : [],
  )
}

/** Returns the labels that are asked for, by layout, but for those of houses that are known as a whole. */
function wantedSeats(
  rows: readonly ResourceRow[],
  requests: readonly BookingRequest[],
  seatings: ReadonlyMap<string, Seating>,
): Map<string, Set<string>> {
  const layouts = new Map<string, Set<string>>()
  const ofResource = new Map<string, Set<string>>()
  for (const { id, sold } of rows) {
    const layoutId = sold?.layoutId ?? null
    if (layoutId === null || seatings.has(id)) continue
    const labels = layouts.get(layoutId) ?? new Set<string>()
    layouts.set(layoutId, labels)
    ofResource.set(id, labels)
  }
  for (const { resourceId, wishes } of requests) {
    const labels = ofResource.get(resourceId)
    if (labels !== undefined) for (const { seats } of wishes) for (const { label } of seats) labels.add(label)
  }
  return layouts
}

function resourceOf(
  row: ResourceRow,
  seats: SeatsByLayout,
  seating: Seating | null,
  minimumTotals: MinimumTotals,
): ResourceSnapshot {
  const { sold, areas, prices, now: _, version: __, ...common } = row
  if (sold === null) throw new UnreadableRowError(`resource ${row.id} has neither a showtime nor an event`)
  const { ticketTypes, layoutId, ...facts } = sold
  const types = (ticketTypes ?? []).map((type) => ({ ...type, heldByCustomer: new Map<string, number>() }))
  return {
    ...common,
    ...facts,
    minimumTotal: minimumTotals(facts.currency),
    seats:
      (seating === null ? undefined : new HouseSeats(seating.house)) ??
      (layoutId === null ? undefined : seats.get(layoutId)) ??
      NO_SEATS,
    prices: new Map((prices ?? []).map(({ id, ...price }) => [id, price])),
    allocated: new Set(),
    blockOf: new Map(),
    areas: new Map((areas ?? []).map((area) => [area.label, area])),
    seating,
    ticketTypes: new Map(types.map((type) => [type.id, type])),
    blocks: new Map<string, BlockSnapshot>(),
  }
}

const NO_SEATS: ResourceSnapshot['seats'] = new Map()

async function readAllocations(
  executor: Executor,
  resources: ReadonlyMap<string, ResourceSnapshot>,
  requests: readonly BookingRequest[],
): Promise<void> {
  const resourceIds: string[] = []
  const labels: string[] = []
  for (const { resourceId, wishes } of requests) {
    const resource = resources.get(resourceId)
    if (resource === undefined) continue
    for (const { seats } of wishes) {
      for (const { label } of seats) {
        if (resource.seats.get(label) === undefined) continue
        resourceIds.push(resourceId)
        labels.push(label)
      }
    }
  }
  if (labels.length === 0) return
  type Row = { readonly resourceId: string; readonly label: string; readonly blockId: string | null }
  for (const { resourceId, label, blockId } of await run<Row>(executor, READ_ALLOCATIONS, [resourceIds, labels])) {
    const resource = resources.get(resourceId)
    resource?.allocated.add(label)
    if (blockId !== null) resource?.blockOf.set(label, blockId)
  }
}

async function readBlocks(
  executor: Executor,
  resources: ReadonlyMap<string, ResourceSnapshot>,
  requests: readonly BookingRequest[],
): Promise<void> {
  const ids = new Set(requests.flatMap(({ blockId }) => blockId ?? []))
  if (ids.size === 0) return
  type Row = { readonly id: string; readonly resourceId: string; readonly areas: Record<string, number> | null }
  for (const { id, resourceId, areas } of await run<Row>(executor, READ_BLOCKS, [[...ids]])) {
    const block = { id, areas: new Map(Object.entries(areas ?? {})) }
    resources.get(resourceId)?.blocks.set(id, block)
  }
}

async function readHeldByCustomers(
  executor: Executor,
  resources: ReadonlyMap<string, ResourceSnapshot>,
  requests: readonly BookingRequest[],
): Promise<void> {
  const limited = new Map<string, TicketTypeSnapshot>()
  const wanted = customerPairs(requests, ({ resourceId, wishes }) => {
    const types = resources.get(resourceId)?.ticketTypes
    if (types === undefined) return []
    return wishes.flatMap(({ tickets }) =>
      tickets.flatMap(({ ticketTypeId }) => {
        const type = types.get(ticketTypeId)
        if (type === undefined || type.maxPerCustomer === null) return []
        limited.set(type.id, type)
        return [type.id]
      }),
    )
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
  type Row = Omit<PromoCodeSnapshot, 'redeemedByCustomer' | SetName> & { readonly [Name in SetName]: string[] | null }
  const rows = await run<Row & Record<string, unknown>>(executor, READ_PROMO_CODES, [
    pairs.map((pair) => pair.organizerId),
    pairs.map((pair) => pair.code),
  ])
  const byId = new Map<string, PromoCodeSnapshot>()
  for (const row of rows) {
    const promo: PromoCodeSnapshot = {
      ...row,
      resourceIds: setOf(row.resourceIds),
      ticketTypeIds: setOf(row.ticketTypeIds),
      categories: setOf(row.categories),
      rates: setOf(row.rates),
      opens: new Set(row.opens),
      redeemedByCustomer: new Map(),
    }
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

type SetName = 'resourceIds' | 'ticketTypeIds' | 'categories' | 'rates' | 'opens'

const setOf = (list: readonly string[] | null) => (list === null ? null : new Set(list))

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
