import { execFile } from 'node:child_process'
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import pg from 'pg'
import { expect, it } from 'vitest'
import { migrateDatabase } from '@boxoffice/core/db/migrate.ts'
import { migrateUpTo, withEmptyDatabase } from '../support/empty-database.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

it('migrates an empty database that 20 processes start on at once', async () => {
  await withEmptyDatabase(async (url, client) => {
    await Promise.all(Array.from({ length: 20 }, () => migrateDatabase(url)))
    const { rows } = await client.query('select count(*)::int as applied from drizzle.__drizzle_migrations')
    const files = (await readdir(join(ROOT, 'drizzle'))).filter(
      (file) => file.endsWith('.sql') && file !== 'schema.sql',
    )
    expect(rows).toEqual([{ applied: files.length }])
  })
})

it('keeps a lane draining that is being drained while intake learns to ask its own row', async () => {
  await withEmptyDatabase(async (_url, client) => {
    await migrateUpTo(client, '0004_publishing')
    await client.query('insert into lanes (id, draining) values (0, false), (1, true), (2, false)')
    await client.query('insert into lane_intake (lane) values (0), (1), (2)')
    await migrateUpTo(client, '0015_booking_metadata')
    const { rows } = await client.query('select lane, draining from lane_intake order by lane')
    expect(rows).toEqual([0, 1, 2].map((lane) => ({ lane, draining: lane === 1 })))
  })
})

it('counts the seats of layouts that are there already', async () => {
  await withEmptyDatabase(async (url, client) => {
    await migrateUpTo(client, '0008_growing_tables')
    const id = (digit: number) => `00000000-0000-7000-8000-00000000000${digit}`
    await client.query(
      `insert into organizers (id, name) values ('${id(1)}', 'O');
       insert into venues (id, organizer_id, name, time_zone) values ('${id(2)}', '${id(1)}', 'V', 'UTC');
       insert into auditoriums (id, venue_id, name) values ('${id(3)}', '${id(2)}', 'A');
       insert into layouts (id, auditorium_id, version) values ('${id(4)}', '${id(3)}', 1);
       insert into seat_categories (id, layout_id, name, position) values ('${id(5)}', '${id(4)}', 'C', 0);
       insert into seats (layout_id, label, row_label, number, position, x, y, category_id, disabled)
       select '${id(4)}', 'A' || n, 'A', n, n, n, 0, '${id(5)}', n = 3 from generate_series(1, 3) n`,
    )
    await migrateDatabase(url)
    const { rows } = await client.query('select rows, seats, categories from layout_sizes')
    expect(rows).toEqual([{ rows: 1, seats: 3, categories: { [id(5)]: { seats: 3, disabled: 1 } } }])
  })
})

it('lets the version before read and write the items of bookings by their old name, by prepared statements too', async () => {
  await withEmptyDatabase(async (url, client) => {
    await migrateUpTo(client, '0008_growing_tables')
    const id = '00000000-0000-7000-8000-000000000001'
    const write = (line: number, discount: number) =>
      client.query({
        name: 'write',
        text: `with written as (
            insert into booking_lines (booking_id, line, seat_label, quantity, unit_price, discount)
            select $1, n.line, 'A' || n.line, 1, 500, n.discount
            from json_to_recordset($2::json) as n(line int, discount int))
          select 1 as done`,
        values: [id, JSON.stringify([{ line, discount }])],
      })
    const read = async () => {
      const text = `select b.id, l.* from unnest($1::uuid[]) as b(id)
        cross join lateral (select * from booking_lines where booking_id = b.id offset 0) l order by line`
      const { rows } = await client.query<{ line: number; seat_label: string }>({ name: 'read', text, values: [[id]] })
      return rows.map(({ line, seat_label: seat }) => `${line} ${seat}`)
    }
    await write(0, 0)
    expect(await read()).toEqual(['0 A0'])
    await migrateDatabase(url)
    await write(1, 0)
    expect(await read()).toEqual(['0 A0', '1 A1'])
    await expect(write(2, 501)).rejects.toMatchObject({ constraint: 'booking_items_money' })
    const { rows } = await client.query('select position, seat_label as seat from booking_items order by position')
    expect(rows).toEqual([0, 1].map((position) => ({ position, seat: `A${position}` })))
  })
})

it('makes the indexes of mails beside whoever decides and mails, and begins anew where it was interrupted', async () => {
  await withEmptyDatabase(async (url, client) => {
    await migrateUpTo(client, '0008_growing_tables')
    const reader = new pg.Client({ connectionString: url })
    await reader.connect()
    await reader.query('begin isolation level repeatable read')
    await reader.query('select from lanes')
    // The migration waits until the reader ends, which might see rows that the index does not have.
    const migrating = migrateDatabase(url).catch((error: unknown) => error)
    const waiting = async () => {
      const { rows } = await client.query<{ pid: number }>(
        `select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
         and query ilike '%create index concurrently%' and wait_event_type = 'Lock'`,
      )
      return rows[0]?.pid
    }
    await expect.poll(waiting).toBeDefined()
    await client.query('begin')
    await client.query('lock table resource_state, mails, webhook_endpoints in row exclusive mode nowait')
    await client.query('commit')
    await client.query('select pg_cancel_backend($1)', [await waiting()])
    expect(await migrating).toMatchObject({ code: '57014' })
    await reader.end()

    await migrateDatabase(url)
    const { rows } = await client.query('select indexrelid::regclass::text as name from pg_index where not indisvalid')
    expect(rows).toEqual([])
  })
})

it('has a partition for this month and the next three', async () => {
  await withEmptyDatabase(async (url, client) => {
    await migrateDatabase(url)
    const { rows } = await client.query<{ parent: string; partition: string }>(
      `select inhparent::regclass::text as parent, inhrelid::regclass::text as partition
       from pg_inherits where inhparent in ('audit'::regclass, 'outbox'::regclass)`,
    )
    const now = new Date()
    for (const parent of ['audit', 'outbox']) {
      const months = [0, 1, 2, 3].map((ahead) =>
        new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + ahead)).toISOString().slice(0, 7).replace('-', '_'),
      )
      for (const end of [...months, 'default']) expect(rows).toContainEqual({ parent, partition: `${parent}_${end}` })
    }
  })
})

it('leaves a month to the default partition whose rows came before maintenance did', async () => {
  await withEmptyDatabase(async (url, client) => {
    await migrateDatabase(url)
    await client.query(
      `insert into audit (id, at, actor, action, entity, entity_id)
       values (gen_random_uuid(), now() + interval '5 months', 'system', 'x', 'x', gen_random_uuid())`,
    )
    await client.query('select ensure_month_partitions(6)')
    const { rows } = await client.query<{ parent: string; count: number }>(
      `select inhparent::regclass::text as parent, count(*)::int as count
       from pg_inherits where inhparent in ('audit'::regclass, 'outbox'::regclass) group by 1 order by 1`,
    )
    // Seven months and the default one, less the month that was late.
    expect(rows).toEqual([
      { parent: 'audit', count: 7 },
      { parent: 'outbox', count: 8 },
    ])
  })
})

it('never analyzes documents and lists of what grows, in partitions to come neither', async () => {
  await withEmptyDatabase(async (url, client) => {
    await migrateDatabase(url)
    await client.query('select ensure_month_partitions(6)')
    const { rows } = await client.query<{ table: string; column: string; target: number | null }>(
      `select c.relname as table, a.attname as column, a.attstattarget as target
       from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
       where c.relkind in ('r', 'p') and c.relname ~ '^(booking_requests|bookings|(audit|outbox)(_.*)?)$'
         and (format_type(a.atttypid, null) in ('jsonb', 'bytea') or format_type(a.atttypid, null) like '%[]')`,
    )
    // The last ones in each of seven months, in the default partition and in the table itself.
    expect(rows).toHaveLength(5 + 1 + 9 * (2 + 1))
    expect(rows.filter(({ target }) => target !== 0)).toEqual([])
    const { rows: partitions } = await client.query<{ options: string[] | null }>(
      `select reloptions as options from pg_class join pg_inherits on inhrelid = oid
       where inhparent in ('audit'::regclass, 'outbox'::regclass)`,
    )
    expect(partitions).toHaveLength(2 * 8)
    for (const { options } of partitions) expect(options).toContain('autovacuum_analyze_scale_factor=0.5')
  })
})

it('matches the schema in the code: drizzle-kit has nothing to generate', { timeout: 60_000 }, async () => {
  const out = await mkdtemp(join(tmpdir(), 'boxoffice-drizzle-'))
  try {
    await cp(join(ROOT, 'drizzle'), out, { recursive: true })
    const before = await readdir(out, { recursive: true })
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [
        join(ROOT, 'node_modules/drizzle-kit/bin.cjs'),
        'generate',
        '--dialect=postgresql',
        '--schema=./packages/core/src/db/schema/index.ts',
        // It takes an absolute path for one below the working directory.
        `--out=${relative(ROOT, out)}`,
      ],
      { cwd: ROOT, timeout: 50_000 },
    )
    // It exits with 0 even when it fails.
    expect(stdout).toContain('No schema changes')
    expect(await readdir(out, { recursive: true })).toEqual(before)
  } finally {
    await rm(out, { recursive: true, force: true })
  }
})
