import type pg from 'pg'
import { type Cursor, type Page, toPage } from './cursor.ts'

/** A ticket whose genuine token must not be let in. */
export interface RevokedTicket {
  readonly id: string
}

/**
 * The void tickets of a showtime or event that somebody may hold (those of holds that ended were never shown), in the order in which they were booked. `after` is the previous page's end. An
 * organizer's people see none of others' (`organizerId` is `null` for admins).
 */
export async function listRevokedTickets(
  pool: pg.Pool,
  filter: { readonly resourceId: string; readonly organizerId: string | null },
  limit: number,
  after: Cursor | null,
): Promise<Page<RevokedTicket>> {
  const { rows } = await pool.query<{ id: string }>(
    `select t.id
       from resources r join bookings b on b.resource_id = r.id join tickets t on t.booking_id = b.id
      where r.id = $2::uuid and t.status = 'void' and b.confirmed_at is not null and ($3::uuid is null or r.organizer_id = $3::uuid)
        and t.id > coalesce($4::uuid, '00000000-0000-0000-0000-000000000000')
      order by t.id limit $1::int + 1`,
    [limit, filter.resourceId, filter.organizerId, after?.id ?? null],
  )
  return toPage(
    rows,
    limit,
    (row) => ({ key: 0, id: row.id }),
    ({ id }) => ({ id }),
  )
}
