import type pg from 'pg'

export interface LockedLayout {
  readonly id: string
  readonly isLatest: boolean
}

/** Locks a version of an auditorium's seating FOR UPDATE; `null` where there is none. */
export async function lockLayout(
  client: pg.PoolClient,
  auditoriumId: string,
  version: number,
): Promise<LockedLayout | null> {
  const { rows } = await client.query<LockedLayout>(
    `select id, version = (select max(version) from layouts where auditorium_id = $1) as "isLatest"
     from layouts where auditorium_id = $1 and version = $2 for update`,
    [auditoriumId, version],
  )
  return rows[0] ?? null
}

/** Counts the showtimes and events that use a layout. */
export async function countShowtimesOf(client: pg.PoolClient, layoutId: string): Promise<number> {
  const { rows } = await client.query<{ count: number }>(
    `select ((select count(*) from showtimes where layout_id = $1) + (select count(*) from events where layout_id = $1))::int
       as count`,
    [layoutId],
  )
  return rows[0]?.count ?? 0
}

/** Deletes a layout with its seats, areas and categories. All of its seats go in one statement: the trigger refuses some of them. */
export async function deleteSeating(client: pg.PoolClient, layoutId: string): Promise<void> {
  await client.query('delete from seats where layout_id = $1', [layoutId])
  await client.query('delete from layout_areas where layout_id = $1', [layoutId])
  await client.query('delete from seat_categories where layout_id = $1', [layoutId])
  await client.query('delete from layouts where id = $1', [layoutId])
}
