import type pg from 'pg'
import { run } from '../../db/transaction.ts'

/** An area of a showtime or event with places in use, and what another layout has of it. */
export interface LostArea {
  readonly label: string
  /** Held, sold and kept places. */
  readonly used: number
  /** `null` if the layout has no such area. */
  readonly capacity: number | null
}

const FIND_LOST = {
  name: 'find-lost-areas',
  text: `
    select s.label, s.sold + s.kept as used, a.capacity
    from area_state s
    left join layout_areas a on a.layout_id = $2::uuid and a.label = s.label
    where s.resource_id = $1::uuid and s.sold + s.kept > coalesce(a.capacity, 0)
    order by s.label`,
}

/** Returns the areas of which places are in use that the layout does not have, or not as many. */
export function findLostAreas(client: pg.PoolClient, resourceId: string, layoutId: string): Promise<LostArea[]> {
  return run<LostArea & Record<string, unknown>>(client, FIND_LOST, [resourceId, layoutId])
}

const FOLLOW = {
  name: 'place-areas',
  text: `
    with gone as (
      delete from area_state s
      where s.resource_id = $1::uuid
        and not exists (select from layout_areas a where a.layout_id = $2::uuid and a.label = s.label)
    )
    insert into area_state (resource_id, label, capacity)
    select $1::uuid, label, capacity from layout_areas where layout_id = $2::uuid
    on conflict (resource_id, label) do update set capacity = excluded.capacity`,
}

/** Gives a showtime or event the areas of a layout, with what is sold and kept of those that it has already. */
export async function writeAreas(client: pg.PoolClient, resourceId: string, layoutId: string): Promise<void> {
  await run(client, FOLLOW, [resourceId, layoutId])
}
