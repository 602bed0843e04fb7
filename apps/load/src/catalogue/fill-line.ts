import type pg from 'pg'
import type { Database } from '@boxoffice/core/db/connect.ts'
import { type Hall, rowLabel, seatCount, type TicketSale } from './hall.ts'
import { givenEvent, givenShowtimes } from './put-on-sale.ts'

/** Updated by every batch: without autovacuum they would tell more about it than about the line. */
const HOT_TABLES = ['lines', 'resource_state', 'ticket_type_state']

/** Keeps everything that the drain reads or fills as autovacuum never saw it: loaded, and without statistics. */
export async function turnAutovacuumOff({ pool }: Database): Promise<void> {
  const { rows } = await pool.query<{ name: string }>(
    `select relname as name from pg_class
     where relkind = 'r' and relnamespace = 'public'::regnamespace and relname <> all($1)`,
    [HOT_TABLES],
  )
  for (const { name } of rows) await pool.query(`alter table "${name}" set (autovacuum_enabled = false)`)
}

/** Says which tables were analyzed after all, which would make the measurement worthless. */
export async function findAnalyzed({ pool }: Database): Promise<string[]> {
  const { rows } = await pool.query<{ name: string }>(
    `select relname as name from pg_stat_user_tables
     where relname <> all($1) and (last_analyze is not null or last_autoanalyze is not null)`,
    [HOT_TABLES],
  )
  return rows.map(({ name }) => `the table ${name} was analyzed during the run`)
}

/** Returns the statement that inserts a backlog, in the order of n. The rows of `asked` are (n, resource_id, seq, wants). */
const insertRequests = (asked: string) => `
  with asked as (${asked})
  insert into booking_requests
    (id, seq, resource_id, owner, idempotency_key, body_hash, payload, customer_keys, accepted_at)
  select id, seq, resource_id, 'load-customer-' || n % 10000, 'auto:' || id, sha256(id::text::bytea),
    wants || jsonb_build_object('customer',
      jsonb_build_object('name', 'Ada Lovelace', 'email', 'buyer-' || n % 10000 || '@example.org')),
    array['o:' || encode(sha256(('o' || n % 10000)::bytea), 'hex'), 'e:' || encode(sha256(('e' || n % 10000)::bytea), 'hex')],
    clock_timestamp()
  from (select *, uuidv7() as id from asked) with_id order by n`

const TICKETS_EACH = 2

/** Returns the number of tickets that an event needs for `requests` of a filled line. */
export const ticketsFor = (requests: number): number => requests * TICKETS_EACH

/** Fills the line of one hot event, which has enough for all, with requests for two tickets each. */
export async function fillForEvent(database: Database, requests: number): Promise<void> {
  await fillLine(database.pool, await givenEvent(database, ticketsFor(requests)), requests)
}

/**
 * Puts requests at the end of an event's line, each of them for two tickets. Where the line may be drained meanwhile, in a
 * transaction.
 */
export async function fillLine(
  client: pg.Pool | pg.PoolClient,
  { eventId, ticketTypeId }: TicketSale,
  requests: number,
): Promise<void> {
  const { rows } = await client.query<{ next: number }>('select next from lines where resource_id = $1 for update', [
    eventId,
  ])
  const first = rows[0]?.next
  if (first === undefined) throw new Error(`the event ${eventId} has no line`)
  await client.query(
    insertRequests(`
      select n, $1::uuid as resource_id, n as seq, jsonb_build_object('tickets',
        jsonb_build_array(jsonb_build_object('ticketTypeId', $4::uuid, 'quantity', $5::int))) as wants
      from generate_series($2::int, $3::int) as n`),
    [eventId, first, first + requests - 1, ticketTypeId, TICKETS_EACH],
  )
  await client.query('update lines set next = $2 where resource_id = $1', [eventId, first + requests])
}

/**
 * Showtimes in one hall, each with `taken` seats allocated before. Every request asks for the next two free seats of one of
 * them in turn, so that all fill up together. Returns how many seats were taken before.
 */
export async function fillForShowtimes(
  database: Database,
  { requests, hall, taken }: { readonly requests: number; readonly hall: Hall; readonly taken: number },
): Promise<number> {
  const bookingsPerShowtime = Math.floor((seatCount(hall) - taken) / 2)
  const count = Math.ceil(requests / bookingsPerShowtime)
  const showtimeIds = await givenShowtimes(database, hall, count)
  const rowLabels = Array.from({ length: hall.rows }, (_, index) => rowLabel(index))
  await database.pool.query(
    `insert into seat_allocations (showtime_id, seat_label, booking_id)
     select s.id, ${labelOf('n', '$2', hall)}, uuidv7()
     from unnest($1::uuid[]) as s(id), generate_series(0, $3::int - 1) as n`,
    [showtimeIds, rowLabels, taken],
  )
  const seat = (offset: number) => labelOf(`($4::int + (n - 1) / $5::int * 2 + ${offset})`, '$3', hall)
  await database.pool.query(
    insertRequests(`
      select n, ($2::uuid[])[(n - 1) % $5::int + 1] as resource_id, (n - 1) / $5::int + 1 as seq,
        jsonb_build_object('seats', jsonb_build_array(${seat(0)}, ${seat(1)})) as wants
      from generate_series(1, $1::int) as n`),
    [requests, showtimeIds, rowLabels, taken, count],
  )
  await database.pool.query(
    `update lines l set next = q.last + 1
     from (select resource_id, max(seq) as last from booking_requests where resource_id = any ($1) group by 1) q
     where l.resource_id = q.resource_id`,
    [showtimeIds],
  )
  return taken * count
}

/** A request for two seats of a showtime: those that it names, or the best. */
export type SeatWish = 'named' | 'best'

/** Fills the line of one showtime, in a hall of its own, with requests for two seats each. Named ones are free, and neighbours. */
export async function fillForShowtime(
  database: Database,
  { requests, hall, wish }: { readonly requests: number; readonly hall: Hall; readonly wish: SeatWish },
): Promise<void> {
  const [showtimeId] = await givenShowtimes(database, hall, 1)
  const rowLabels = Array.from({ length: hall.rows }, (_, index) => rowLabel(index))
  const seat = (offset: number) => labelOf(`((n - 1) * 2 + ${offset})`, '$3', hall)
  const wants =
    wish === 'best'
      ? `jsonb_build_object('best', jsonb_build_object('quantity', 2 + 0 * array_length($3::text[], 1)))`
      : `jsonb_build_object('seats', jsonb_build_array(${seat(0)}, ${seat(1)}))`
  await database.pool.query(
    insertRequests(
      `select n, $2::uuid as resource_id, n as seq, ${wants} as wants from generate_series(1, $1::int) as n`,
    ),
    [requests, showtimeId, rowLabels],
  )
  await database.pool.query('update lines set next = $2 where resource_id = $1', [showtimeId, requests + 1])
}

/** Returns `seatLabel` in SQL: `index` is an expression, `rowLabels` the parameter with the rows' labels. */
function labelOf(index: string, rowLabels: string, { seatsPerRow }: Hall): string {
  return `(${rowLabels}::text[])[${index} / ${seatsPerRow} + 1] || (${index} % ${seatsPerRow} + 1)`
}
