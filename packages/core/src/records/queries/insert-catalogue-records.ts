import { run, type Transaction } from '../../db/transaction.ts'
import { newId } from '../../runtime/new-id.ts'
import type { Cause } from '../cause.ts'
import type { Change } from '../change.ts'

/*
 * The counter's row is locked until the commit, so the events of one thing are visible only together with all before.
 * Counters are taken in the order of the ids.
 */
const INSERT = {
  name: 'insert-catalogue-records',
  text: `
    with record as (
      select * from json_to_recordset($1::json) as r(ordinal int, id uuid, "organizerId" uuid, type text, "entityId" uuid,
        before jsonb, after jsonb, told boolean)
    ), counted as (
      insert into event_counters as c (entity_id, seq)
      select "entityId", count(*)::int from record where told and "organizerId" is not null group by 1 order by 1
      on conflict (entity_id) do update set seq = c.seq + excluded.seq
      returning entity_id, seq
    ), moment as (
      -- After the counters' locks, so that later numbers have later times.
      select clock_timestamp() as now, count(*) from counted
    ), audited as (
      insert into audit (id, at, organizer_id, actor, action, entity, entity_id, before, after, request_id)
      select r.id, m.now, r."organizerId", $2, r.type, split_part(r.type, '.', 1), r."entityId",
        r.before, r.after, $3
      from record r, moment m
    )
    insert into outbox (id, at, organizer_id, type, entity_id, entity_seq, payload)
    select r.id, m.now, r."organizerId", r.type, r."entityId",
      c.seq - count(*) over (partition by r."entityId") + row_number() over (partition by r."entityId" order by r.ordinal),
      jsonb_build_object('id', r."entityId") || coalesce(r.after, '{}')
    from record r join counted c on c.entity_id = r."entityId", moment m
    where r.told and r."organizerId" is not null`,
}

/** Writes audit rows and outgoing events of these changes, in the transaction that makes them (I7). */
export async function insertCatalogueRecords(tx: Transaction, cause: Cause, changes: readonly Change[]): Promise<void> {
  const rows = changes.map((change, ordinal) => ({ ordinal, id: newId(), told: true, ...change }))
  await run(tx.client, INSERT, [JSON.stringify(rows), cause.actor, cause.requestId])
}
