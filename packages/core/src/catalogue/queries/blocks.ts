import type pg from 'pg'
import { type Cursor, type Page, toPage } from '../../db/cursor.ts'
import { run, type Transaction } from '../../db/transaction.ts'

/** Kept places as their organizer sees them: those that are left. */
export interface BlockView {
  readonly id: string
  readonly reason: string
  readonly seats: readonly string[]
  readonly areas: readonly { readonly area: string; readonly quantity: number }[]
  readonly createdAt: string
  /** Time at which the last of it was given back. */
  readonly releasedAt: string | null
}

interface Row extends Omit<BlockView, 'createdAt' | 'releasedAt'>, Record<string, unknown> {
  readonly createdAt: Date
  readonly releasedAt: Date | null
}

const SELECT = `
  select b.id, b.reason, b.created_at as "createdAt", b.released_at as "releasedAt",
    (select coalesce(json_agg(seat_label order by seat_label), '[]') from seat_allocations where block_id = b.id) as seats,
    (select coalesce(json_agg(json_build_object('area', label, 'quantity', quantity) order by label), '[]')
      from block_areas where block_id = b.id and quantity > 0) as areas
  from blocks b`

const FIND = { name: 'find-block', text: `${SELECT} where b.resource_id = $1 and b.id = $2` }

const LIST = {
  name: 'list-blocks',
  text: `${SELECT} where b.resource_id = $1 and b.released_at is null and b.id > $2 order by b.id limit $3::int + 1`,
}

const COUNT = {
  name: 'count-blocks',
  text: `
    select count(*)::int as count from blocks b where resource_id = $1 and released_at is null and (
      exists (select from seat_allocations where block_id = b.id)
      or exists (select from block_areas where block_id = b.id and quantity > 0))`,
}

/** Wanted seats that the layout does not have or never sells, and those that somebody holds. */
const CHECK = {
  name: 'check-kept-seats',
  text: `
    select w.label, s.label is null as unknown, a.seat_label is not null as taken
    from unnest($2::text[]) with ordinality as w(label, place)
    left join lateral (
      select label from seats
      where layout_id = coalesce((select layout_id from showtimes where id = $1), (select layout_id from events where id = $1))
        and label = w.label and not disabled offset 0
    ) s on true
    left join lateral (
      select seat_label from seat_allocations where showtime_id = $1 and seat_label = w.label offset 0
    ) a on true
    where s.label is null or a.seat_label is not null
    order by w.place`,
}

const AREAS = {
  name: 'read-area-state',
  text: 'select label as area, capacity - sold - kept as available from area_state where resource_id = $1',
}

const INSERT = {
  name: 'insert-block',
  text: `
    with block as (
      insert into blocks (id, resource_id, reason, actor) values ($1, $2, $3, $4)
    ), seat as (
      insert into seat_allocations (showtime_id, seat_label, block_id) select $2, label, $1 from unnest($5::text[]) as w(label)
    ), area as (
      insert into block_areas (block_id, label, quantity)
      select $1, label, quantity from unnest($6::text[], $7::int[]) as w(label, quantity)
    )
    update area_state s set kept = s.kept + w.quantity
    from unnest($6::text[], $7::int[]) as w(label, quantity) where s.resource_id = $2 and s.label = any (array[w.label])`,
}

const GIVE_BACK = {
  name: 'give-back-kept-places',
  text: `
    with seat as (
      delete from seat_allocations where showtime_id = $2 and seat_label = any ($3::text[]) and block_id = $1 returning 1
    ), area as (
      update block_areas s set quantity = s.quantity - w.quantity
      from unnest($4::text[], $5::int[]) as w(label, quantity)
      where s.block_id = $1 and s.label = any (array[w.label]) returning 1
    ), unkept as (
      update area_state s set kept = s.kept - w.quantity
      from unnest($4::text[], $5::int[]) as w(label, quantity)
      where s.resource_id = $2 and s.label = any (array[w.label]) returning 1
    )
    select (select count(*)::int from seat) as seats, (select count(*)::int from area) as areas,
      (select count(*)::int from unkept) as unkept`,
}

const RELEASE = {
  name: 'release-block',
  text: `
    update blocks set released_at = clock_timestamp()
    where id = $1 and released_at is null and not exists (select from seat_allocations where block_id = $1)
      and not exists (select from block_areas where block_id = $1 and quantity > 0)`,
}

/** Places of areas, as statements take them. */
export type AreaQuantities = ReadonlyMap<string, number>

/** Returns a block of a showtime or event, or `null`. */
export async function findBlock(
  executor: pg.Pool | pg.PoolClient,
  resourceId: string,
  id: string,
): Promise<BlockView | null> {
  const [row] = await run<Row>(executor, FIND, [resourceId, id])
  return row === undefined ? null : toView(row)
}

/** Lists the blocks of a showtime or event that were not given back, in the order in which they were made. */
export async function listBlocks(
  pool: pg.Pool,
  resourceId: string,
  limit: number,
  after: Cursor | null,
): Promise<Page<BlockView>> {
  const rows = await run<Row>(pool, LIST, [resourceId, after?.id ?? '00000000-0000-0000-0000-000000000000', limit])
  return toPage(rows, limit, ({ id }) => ({ key: 0, id }), toView)
}

/** Counts the blocks of a showtime or event that keep something. */
export async function countBlocks(tx: Transaction, resourceId: string): Promise<number> {
  const [row] = await run<{ count: number }>(tx.client, COUNT, [resourceId])
  return row?.count ?? 0
}

/** Returns those of these seats that cannot be kept, and why. Needs the lock of the resource's state. */
export async function checkSeats(
  tx: Transaction,
  resourceId: string,
  labels: readonly string[],
): Promise<readonly { readonly label: string; readonly unknown: boolean; readonly taken: boolean }[]> {
  if (labels.length === 0) return []
  return run(tx.client, CHECK, [resourceId, labels])
}

/** Returns the places left of each area of a showtime or event. Needs the lock of its state. */
export async function readAreas(tx: Transaction, resourceId: string): Promise<AreaQuantities> {
  const rows = await run<{ area: string; available: number }>(tx.client, AREAS, [resourceId])
  return new Map(rows.map(({ area, available }) => [area, available]))
}

/** Writes a block with its seats and places. Needs the lock of the resource's state. */
export async function insertBlock(
  tx: Transaction,
  block: {
    readonly id: string
    readonly resourceId: string
    readonly reason: string
    readonly actor: string
    readonly seats: readonly string[]
    readonly areas: AreaQuantities
  },
): Promise<void> {
  const { id, resourceId, reason, actor, seats, areas } = block
  await run(tx.client, INSERT, [id, resourceId, reason, actor, seats, [...areas.keys()], [...areas.values()]])
}

/** Ends a block that keeps nothing any more, because all of it was sold. Needs the lock of the resource's state. */
export async function endEmptyBlock(tx: Transaction, blockId: string): Promise<void> {
  await run(tx.client, RELEASE, [blockId])
}

/** Gives seats and places of a block back. Needs the lock of the resource's state, under which they were seen to be kept. */
export async function giveBackPlaces(
  tx: Transaction,
  resourceId: string,
  blockId: string,
  seats: readonly string[],
  areas: AreaQuantities,
): Promise<void> {
  const values = [blockId, resourceId, seats, [...areas.keys()], [...areas.values()]]
  const [given] = await run<{ seats: number; areas: number; unkept: number }>(tx.client, GIVE_BACK, values)
  if (given?.seats !== seats.length || given.areas !== areas.size || given.unkept !== areas.size) {
    throw new Error(`block ${blockId} does not keep what it gives back`)
  }
  await run(tx.client, RELEASE, [blockId])
}

function toView({ id, reason, seats, areas, createdAt, releasedAt }: Row): BlockView {
  return {
    id,
    reason,
    seats,
    areas,
    createdAt: createdAt.toISOString(),
    releasedAt: releasedAt?.toISOString() ?? null,
  }
}
