import type pg from 'pg'
import { run, type Transaction } from '../../db/transaction.ts'
import { MAIL_RECIPIENT } from '../../outbox/queries/mail-recipient.ts'

/** Finds bookings of any status: if most are cancelled, one statement would have to read all of them to find the next. */
const FIND = {
  name: 'find-bookings-to-tell-of-move',
  text: `
    select b.id from bookings b
    where b.resource_id = $1 and b.id > coalesce($2, '00000000-0000-0000-0000-000000000000'::uuid)
      and not exists (select from setbacks f where f.kind = 'move' and f.subject_id = b.id)
    order by b.id limit $3`,
}

/** Bookings of a resource beyond the id `after`, but for those that are set aside. */
export async function findBookingsToTell(
  tx: Transaction,
  resourceId: string,
  after: string | null,
  limit: number,
): Promise<string[]> {
  const rows = await run<{ id: string }>(tx.client, FIND, [resourceId, after, limit])
  return rows.map(({ id }) => id)
}

const FIND_SET_ASIDE = {
  name: 'find-moves-set-aside',
  text: `
    select subject_id as "bookingId", entity_id as "resourceId" from setbacks
    where kind = 'move' and retry_at <= now() limit $1`,
}

/** Bookings that could not be told of a move, and are due to be tried again. */
export function findMovesSetAside(
  pool: pg.Pool,
  limit: number,
): Promise<{ readonly bookingId: string; readonly resourceId: string }[]> {
  return run<{ bookingId: string; resourceId: string }>(pool, FIND_SET_ASIDE, [limit])
}

/*
 * The event is the resource's and told to many, so it is not what makes these mails unique. A mail that nobody has begun
 * to make yet tells of this change too.
 */
const INSERT = {
  name: 'insert-move-mails',
  text: `
    insert into mails (id, booking_id, kind, line_id, recipient, next_attempt_at, created_at)
    select gen_random_uuid(), b.id, 'move', b.resource_id, ${MAIL_RECIPIENT}, clock_timestamp(), clock_timestamp()
    from unnest($1::uuid[]) as n(id)
    cross join lateral (select id, status, resource_id, customer_email from bookings where id = n.id offset 0) b
    where b.status = 'confirmed'
      and not exists (select from mails m
        where m.booking_id = b.id and m.kind = 'move' and m.status = 'pending' and m.attempts = 0)
    returning 1 as queued`,
}

/**
 * Adds a mail for each of these bookings that is confirmed, to tell that its showtime or event has moved. Returns how many.
 */
export async function insertMoveMails(tx: Transaction, bookingIds: readonly string[]): Promise<number> {
  return (await run(tx.client, INSERT, [bookingIds])).length
}
