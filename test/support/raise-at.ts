import type { TestDatabase } from './database.ts'

type Raise = {
  readonly state: string
} & ({ readonly insert: string } | { readonly update: string }) &
  (
    | { /** A condition on `new`. */ readonly forEachRow: string }
    | { /** Rows that one statement may touch. */ readonly moreThan: number }
  )

/**
 * Makes statements on a table fail with an SQLSTATE, as if they had run into a time limit or a broken row. Returns a
 * function that counts these failures.
 */
export async function raiseAt({ database }: TestDatabase, raise: Raise): Promise<() => Promise<number>> {
  const [event, table] = 'insert' in raise ? ['insert', raise.insert] : ['update', raise.update]
  const isRow = 'forEachRow' in raise
  // A sequence is not rolled back.
  const fail = `perform nextval('times_raised'); raise exception 'raised by the test' using errcode = '${raise.state}';`
  await database.pool.query(`
    create sequence if not exists times_raised;
    create or replace function raise_at() returns trigger language plpgsql as $$ begin
      ${isRow ? fail : `if (select count(*) from touched) > ${raise.moreThan} then ${fail} end if;`}
      return null; end $$`)
  await database.pool.query(
    isRow
      ? `create trigger raise_at after ${event} on ${table} for each row when (${raise.forEachRow}) execute function raise_at()`
      : `create trigger raise_at after ${event} on ${table} referencing new table as touched
           for each statement execute function raise_at()`,
  )
  return async () => {
    const { rows } = await database.pool.query<{ times: number }>(
      `select case when is_called then last_value else 0 end as times from times_raised`,
    )
    return rows[0]?.times ?? 0
  }
}

/** Lets the statements succeed again. */
export async function endRaising({ database }: TestDatabase): Promise<void> {
  await database.pool.query('drop function raise_at cascade')
}
