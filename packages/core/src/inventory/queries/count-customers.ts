import { run, type Statement, type Transaction } from '../../db/transaction.ts'
import { lockInventory } from './lock-inventory.ts'

/** A ticket type or promo code that has a limit per customer. */
export type Limited =
  | { readonly kind: 'ticket_type'; readonly id: string; readonly eventId: string }
  | { readonly kind: 'promo_code'; readonly id: string }

/** Tickets that a customer holds, or redemptions of a code, by customer key. */
export type Held = ReadonlyMap<string, number>

interface HeldRow extends Record<string, unknown> {
  readonly last: string | null
  readonly keys: readonly string[]
  readonly counts: readonly number[]
}

/*
 * Counted as `write-decisions` and `release-inventory` go on to: by each of a booking's keys, while it is not cancelled.
 * `page` are the bookings that are looked at.
 */
const heldTickets = (page: string) => `
  with page as (${page}), held as (
    select k.key, sum(i.quantity)::int as count
    from page b
    cross join lateral (select distinct unnest(b.customer_keys) as key) k
    cross join lateral (
      select quantity from booking_items where booking_id = b.id and ticket_type_id = $1::uuid offset 0) i
    where b.status <> 'cancelled' group by 1)
  ${SHOWN}`

const heldRedemptions = (page: string) => `
  with page as (${page}), held as (
    select k.key, count(*)::int as count
    from page b cross join lateral (select distinct unnest(b.customer_keys) as key) k
    where b.status <> 'cancelled' and b.promo_code_id = $1::uuid group by 1)
  ${SHOWN}`

const SHOWN = `
  select (select id from page order by id desc limit 1) as last,
    coalesce(array_agg(key), '{}') as keys, coalesce(array_agg(count), '{}') as counts from held`

const COLUMNS = 'id, customer_keys, status, promo_code_id'
const NAMED = `select ${COLUMNS} from bookings where id = any($2::uuid[])`

interface Statements {
  /** Counts over a page of bookings of the event, or of the organizer. */
  readonly page: Statement
  readonly named: Statement
  readonly touched: Statement
  readonly limit: Statement
  readonly forget: Statement
  readonly add: Statement
}

/** Bookings that were made, cancelled or reinstated at or after a time, by their audit rows. */
const TOUCHED = `
  select distinct b.id from audit a
  cross join lateral (select id, resource_id, promo_code_id from bookings where id = a.entity_id offset 0) b
  where a.organizer_id = $2::uuid and a.at >= $3::timestamptz
    and a.action in ('booking.created', 'booking.cancelled', 'booking.reinstated')`

const STATEMENTS: Readonly<Record<Limited['kind'], Statements>> = {
  ticket_type: {
    page: {
      name: 'count-ticket-customers-page',
      text: heldTickets(
        `select ${COLUMNS} from bookings where resource_id = $2::uuid and id > $3::uuid order by id limit $4`,
      ),
    },
    named: { name: 'count-ticket-customers-named', text: heldTickets(NAMED) },
    touched: { name: 'find-touched-bookings-of-event', text: `${TOUCHED} and b.resource_id = $1::uuid` },
    limit: {
      name: 'find-ticket-type-limit',
      text: `select r.organizer_id as "organizerId", t.max_per_customer is not null as "isLimited"
        from ticket_types t join resources r on r.id = t.event_id where t.id = $1`,
    },
    forget: forgetting('ticket_type_customers', 'ticket_type_id'),
    add: adding('ticket_type_customers', 'ticket_type_id', 'quantity'),
  },
  promo_code: {
    page: {
      name: 'count-promo-customers-page',
      text: heldRedemptions(
        `select ${COLUMNS} from bookings where organizer_id = $2::uuid and id > $3::uuid order by id limit $4`,
      ),
    },
    named: { name: 'count-promo-customers-named', text: heldRedemptions(NAMED) },
    touched: { name: 'find-touched-bookings-of-promo', text: `${TOUCHED} and b.promo_code_id = $1::uuid` },
    limit: {
      name: 'find-promo-code-limit',
      text: `select organizer_id as "organizerId", max_per_customer is not null as "isLimited"
        from promo_codes where id = $1`,
    },
    forget: forgetting('promo_code_customers', 'promo_code_id'),
    add: adding('promo_code_customers', 'promo_code_id', 'redeemed'),
  },
}

function forgetting(table: string, id: string): Statement {
  return {
    name: `forget-${table}`,
    text: `
      delete from ${table} where ${id} = $1
        and customer_key = any (array(select customer_key from ${table} where ${id} = $1 limit $2))`,
  }
}

/**
 * Returns the statement that adds to counts, and subtracts: a CHECK would refuse a negative count before it is seen
 * that there is one to subtract from.
 */
function adding(table: string, id: string, count: string): Statement {
  return {
    name: `add-${table}`,
    text: `
      with change as (select key, count from unnest($2::text[], $3::int[]) as n(key, count)),
      less as (
        update ${table} c set ${count} = c.${count} + n.count from change n
        where n.count < 0 and c.${id} = $1 and c.customer_key = n.key
      )
      insert into ${table} as c (${id}, customer_key, ${count})
      select $1, key, count from change where count > 0
      on conflict (${id}, customer_key) do update set ${count} = c.${count} + excluded.${count}`,
  }
}

/** Takes the lock under which bookings of this are made and ended: the event's, or the promo code's. */
export async function lockLimited(tx: Transaction, limited: Limited): Promise<void> {
  if (limited.kind === 'ticket_type') await lockInventory(tx, [limited.eventId], [])
  else await lockInventory(tx, [], [limited.id])
}

/** Finds whose it is and whether it has a limit per customer; `null` where it does not exist. */
export async function findLimit(
  { client }: Transaction,
  limited: Limited,
): Promise<{ readonly organizerId: string; readonly isLimited: boolean } | null> {
  const [row] = await run<{ organizerId: string; isLimited: boolean }>(client, STATEMENTS[limited.kind].limit, [
    limited.id,
  ])
  return row ?? null
}

/**
 * Counts over the next `limit` bookings after the booking `after`, of the event or of the organizer.
 * Returns the last of them, `null` where there was none.
 */
export async function countPage(
  { client }: Transaction,
  limited: Limited,
  organizerId: string,
  after: string,
  limit: number,
): Promise<{ readonly last: string | null; readonly held: Held }> {
  const owner = limited.kind === 'ticket_type' ? limited.eventId : organizerId
  const [row] = await run<HeldRow>(client, STATEMENTS[limited.kind].page, [limited.id, owner, after, limit])
  return { last: row?.last ?? null, held: heldOf(row) }
}

/** Counts over these bookings alone. */
export async function countBookings(
  { client }: Transaction,
  limited: Limited,
  bookingIds: readonly string[],
): Promise<Held> {
  const [row] = await run<HeldRow>(client, STATEMENTS[limited.kind].named, [limited.id, bookingIds])
  return heldOf(row)
}

/** Finds the bookings that were made, cancelled or reinstated at or after `since`. */
export async function findTouched(
  { client }: Transaction,
  limited: Limited,
  organizerId: string,
  since: Date,
): Promise<string[]> {
  const of = limited.kind === 'ticket_type' ? limited.eventId : limited.id
  const rows = await run<{ id: string }>(client, STATEMENTS[limited.kind].touched, [of, organizerId, since])
  return rows.map(({ id }) => id)
}

/** Adds to the stored counts; negative ones are taken from counts that are there. */
export async function addHeld({ client }: Transaction, limited: Limited, held: Held): Promise<void> {
  if (held.size === 0) return
  await run(client, STATEMENTS[limited.kind].add, [limited.id, [...held.keys()], [...held.values()]])
}

/** Deletes up to `limit` stored counts, and returns whether that was all. */
export async function forgetHeld({ client }: Transaction, limited: Limited, limit: number): Promise<boolean> {
  const { rowCount } = await client.query({ ...STATEMENTS[limited.kind].forget, values: [limited.id, limit] })
  return (rowCount ?? 0) < limit
}

function heldOf(row: HeldRow | undefined): Held {
  return new Map(row?.keys.map((key, index) => [key, row.counts[index] ?? 0]))
}
