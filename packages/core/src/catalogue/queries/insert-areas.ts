import type pg from 'pg'
import type { PreparedArea } from '../prepare-layout.ts'

/** Areas as rows; `$1` is the layout, `$2` the ids of the categories, `$3` the areas as JSON. */
const AREAS = `
  select a.value ->> 'label' as label, (a.ordinality - 1)::integer as position,
    ($2::uuid[])[(a.value ->> 'category')::integer] as category_id, (a.value ->> 'capacity')::integer as capacity,
    nullif(a.value -> 'shape', 'null') as shape
  from jsonb_array_elements($3::jsonb) with ordinality as a`

/** Writes the areas of a layout. */
export async function insertAreas(
  client: pg.PoolClient,
  layoutId: string,
  categoryIds: readonly string[],
  areas: readonly PreparedArea[],
): Promise<void> {
  if (areas.length === 0) return
  await client.query(
    `insert into layout_areas (layout_id, label, position, category_id, capacity, shape)
     select $1::uuid, label, position, category_id, capacity, shape from (${AREAS}) as given`,
    [layoutId, categoryIds, JSON.stringify(areas)],
  )
}

/** Returns whether the layout has these very areas, in this order, and no others. */
export async function hasAreas(
  client: pg.PoolClient,
  layoutId: string,
  categoryIds: readonly string[],
  areas: readonly PreparedArea[],
): Promise<boolean> {
  const { rows } = await client.query<{ same: boolean }>(
    `select not exists (
       select from (${AREAS}) as given
       full join (select * from layout_areas where layout_id = $1::uuid) kept using (position)
       where (kept.label, kept.category_id, kept.capacity, kept.shape)
         is distinct from (given.label, given.category_id, given.capacity, given.shape)
     ) as same`,
    [layoutId, categoryIds, JSON.stringify(areas)],
  )
  return rows[0]?.same === true
}
