import { beforeAll, describe, expect, it } from 'vitest'
import {
  findSomeWaitingLines,
  findStillWaiting,
  findWaitingLines,
  readSweepClock,
  type Window,
} from '@boxoffice/core/booking-requests/queries/find-waiting-lines.ts'
import { givenOrganizer } from '../support/catalogue.ts'
import { sharedDatabase } from '../support/database.ts'
import { observePool } from '../support/observed-pool.ts'
import { shared } from '../support/shared.ts'

/*
 * The sweep comes round every second, so what it costs must not depend on how many showtimes and events there are, nor on the
 * age of anybody's snapshot. Nothing here is ever analyzed. Costs are counted in pages, which are the same on every machine.
 */

const RESOURCES = 100_000
/** Lines in which a request waits. */
const WAITING = 10
/** Other lines, in which requests are decided while an old snapshot is open; their rows are written so often. */
const ADVANCED = { lines: 2_000, times: 10 }
/** The way down an index to the ten, and the rows beside each other that it leads to. */
const FEW_PAGES = 10

interface Node {
  readonly 'Node Type': string
  readonly 'Index Name'?: string
  readonly 'Shared Hit Blocks': number
  readonly 'Shared Read Blocks': number
  readonly Plans?: readonly Node[]
}

interface Cost {
  readonly pages: number
  readonly indexes: readonly string[]
  readonly scansTable: boolean
}

const db = sharedDatabase()
/** One connection, whose plans are made while the tables are empty, and kept. */
const early = shared(
  () => db.open({ name: 'test-early', max: 1 }),
  (opened) => opened.close(),
)

let window: Window
let waiting: string[]

async function query(text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
  return (await db.database.pool.query<Record<string, unknown>>(text, values)).rows
}

/** Adds requests to lines: those of the parameter `$1`, each with the next number of its line. */
const ACCEPT = `
  with advance as (
    update lines set next = next + 1 where resource_id = any ($1) returning resource_id, next - 1 as seq
  )
  insert into booking_requests (id, seq, resource_id, owner, idempotency_key, body_hash, payload, customer_keys, accepted_at)
  select uuidv7(), seq, resource_id, 'o', gen_random_uuid()::text, '', '{}', '{}', to_timestamp($2::float8 / 1000)
  from advance`

const DECIDE = `
  with decided as (
    update booking_requests set state = 'refused', decided_at = now(), refusal = '{"code": "seat_unavailable"}'
    where resource_id = any ($1) and state = 'queued' returning resource_id, seq
  )
  update resource_state s set watermark = d.seq, decided_at = now() from decided d where s.resource_id = d.resource_id`

beforeAll(async () => {
  for (const table of ['booking_requests', 'lines', 'resource_state', 'resources']) {
    await query(`alter table ${table} set (autovacuum_enabled = false)`)
  }
  await early.pool.query('set plan_cache_mode = force_generic_plan')
  await findWaitingLines(early.pool, { from: 0, to: 1 })

  const { organizerId } = await givenOrganizer(db.database)
  await query(
    `insert into resources (id, kind, organizer_id) select gen_random_uuid(), 'event', $1 from generate_series(1, $2::int)`,
    [organizerId, RESOURCES],
  )
  await query('insert into resource_state (resource_id) select id from resources')

  const ids = (await query('select id from resources order by id')).map(({ id }) => String(id))
  const now = await readSweepClock(db.database.pool)
  window = { from: now - 3_000, to: now - 1_000 }
  // Everybody has sold something some time ago.
  await query(ACCEPT, [ids, now - 3_600_000])
  await query(DECIDE, [ids])
  waiting = ids.filter((_, index) => index % (RESOURCES / WAITING) === 0)
  await query(ACCEPT, [waiting, now - 2_000])
}, 120_000)

/** Measures a statement that was sent through a pool, with a plan for its values. */
async function costOf(read: (pool: typeof db.database.pool) => Promise<unknown>): Promise<Cost> {
  const observed = observePool(db.database.pool)
  await read(observed.pool)
  const [statement] = observed.statements
  if (statement === undefined) throw new Error('nothing was asked')
  return costIn(await query(`explain (analyze, buffers, format json) ${statement.text}`, statement.values))
}

/** Measures the sweep's statement with the plan that was made while the tables were empty. */
async function earlyCost({ from, to }: Window): Promise<Cost> {
  const { rows } = await early.pool.query<Record<string, unknown>>(
    `explain (analyze, buffers, format json) execute "find-waiting-lines" (${from}, ${to})`,
  )
  return costIn(rows)
}

function costIn(rows: readonly Record<string, unknown>[]): Cost {
  const [explained] = rows.flatMap((row) => row['QUERY PLAN'] as readonly { readonly Plan: Node }[])
  if (explained === undefined) throw new Error('there is no plan')
  const root = explained.Plan
  const nodes = allOf(root)
  return {
    pages: root['Shared Hit Blocks'] + root['Shared Read Blocks'],
    indexes: nodes.flatMap((node) => node['Index Name'] ?? []),
    scansTable: nodes.some((node) => node['Node Type'] === 'Seq Scan'),
  }
}

const allOf = (node: Node): Node[] => [node, ...(node.Plans ?? []).flatMap(allOf)]

const sweep = (pool: typeof db.database.pool) => findWaitingLines(pool, window)

async function expectFewPages(): Promise<void> {
  expect((await findWaitingLines(db.database.pool, window)).toSorted()).toEqual(waiting)
  expect((await findWaitingLines(early.pool, window)).toSorted()).toEqual(waiting)
  for (const cost of [await costOf(sweep), await earlyCost(window)]) {
    expect(cost).toMatchObject({ indexes: ['booking_requests_accepted'], scansTable: false })
    expect(cost.pages).toBeLessThanOrEqual(FEW_PAGES)
  }
}

/** Looks at all lines, some at a time, as sweeps do. */
async function findAll(pool: Parameters<typeof findSomeWaitingLines>[0]): Promise<string[]> {
  const found: string[] = []
  let after: string | null = '00000000-0000-0000-0000-000000000000'
  while (after !== null) {
    const some: Awaited<ReturnType<typeof findSomeWaitingLines>> = await findSomeWaitingLines(pool, {
      after,
      atMost: 30_000,
      to: window.to,
    })
    found.push(...some.waiting)
    after = some.last
  }
  return found
}

describe('of a hundred thousand lines those that wait', () => {
  it('are found by the time of acceptance, in a few pages', async () => {
    expect(await query('select count(*)::int as lines from lines')).toEqual([{ lines: RESOURCES }])
    await expectFewPages()
  })

  it('are none where nothing was accepted lately, and then next to no page is read', async () => {
    const later = { from: window.to, to: window.to + 1_000 }
    expect(await findWaitingLines(db.database.pool, later)).toEqual([])
    expect((await costOf((pool) => findWaitingLines(pool, later))).pages).toBeLessThanOrEqual(5)
    expect((await earlyCost(later)).pages).toBeLessThanOrEqual(5)
  })

  it('would cost as much as there are lines, were each of them asked: the control', async () => {
    expect((await findAll(db.database.pool)).toSorted()).toEqual(waiting)
    const { pages } = await costOf((pool) => findAll(pool))
    expect(pages).toBeGreaterThan(1_000)
  })

  it('are all told of to whoever has just started, paused ones too: otherwise it would not notice that they go on', async () => {
    const [paused = ''] = waiting
    const setPaused = (value: boolean) =>
      query('update resource_state set paused = $2 where resource_id = $1', [paused, value])
    await setPaused(true)
    expect((await findAll(db.database.pool)).toSorted()).toEqual(waiting)
    expect(await findStillWaiting(db.database.pool, [paused])).toEqual([{ id: paused, paused: true }])
    await setPaused(false)
    expect(await findStillWaiting(db.database.pool, [paused])).toEqual([{ id: paused, paused: false }])
  })

  it('are found in as few while an old snapshot is open and other lines go on', async () => {
    const holder = db.open({ name: 'test-snapshot', max: 1 })
    const client = await holder.pool.connect()
    try {
      await client.query('begin isolation level repeatable read')
      await client.query('select count(*) from lines')
      const rows = await query('select resource_id as id from lines where resource_id <> all ($1) limit $2', [
        waiting,
        ADVANCED.lines,
      ])
      const others = rows.map(({ id }) => id)
      for (let time = 0; time < ADVANCED.times; time += 1) {
        await query(ACCEPT, [others, window.from - 1_000])
        await query(DECIDE, [others])
      }
      await expectFewPages()
      const still = await costOf((pool) => findStillWaiting(pool, waiting))
      expect(still.scansTable).toBe(false)
      expect(still.pages).toBeLessThanOrEqual(WAITING * 10)
    } finally {
      await client.query('rollback')
      client.release()
      await holder.close()
    }
  }, 60_000)
})
