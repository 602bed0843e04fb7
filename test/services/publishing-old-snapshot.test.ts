import { randomUUID } from 'node:crypto'
import { beforeEach, describe, expect, it } from 'vitest'
import { inTransaction } from '@boxoffice/core/db/transaction.ts'
import { publishOutgoingEvents } from '@boxoffice/core/outbox/publish-outgoing-events.ts'
import { findUnpublished, lockFeed } from '@boxoffice/core/outbox/queries/publish-outgoing-events.ts'
import { setAside } from '@boxoffice/core/setbacks/set-aside.ts'
import { givenOrganizer } from '../support/catalogue.ts'
import { sharedDatabase } from '../support/database.ts'
import { holdLock } from '../support/locks.ts'
import { testLogger } from '../support/logger.ts'

const MANY = 3_000

const db = sharedDatabase()
let organizerId: string
beforeEach(async () => {
  ;({ organizerId } = await givenOrganizer(db.database))
  await publishOutgoingEvents(db.database)
  // The events of these tests are of the last hours.
  await db.database.pool.query(`update event_feed set settled_to = '-infinity'`)
})

interface Event {
  readonly id?: string
  readonly entityId?: string
  readonly entitySeq?: number
  /** Time before now. */
  readonly ago: string
}

async function insertEvents(count: number, { id, entityId, entitySeq = 1, ago }: Event): Promise<void> {
  await db.database.pool.query(
    `insert into outbox (id, at, organizer_id, type, entity_id, entity_seq, payload)
     select coalesce($2, gen_random_uuid()), clock_timestamp() - $5::interval, $1, 'venue.updated',
       coalesce($3, gen_random_uuid()), $4, '{}' from generate_series(1, $6)`,
    [organizerId, id ?? null, entityId ?? null, entitySeq, ago, count],
  )
}

/** Reads what is due from this time on, as publishing does, and returns how many entries of the index it looked at. */
async function entriesRead(settledTo?: string): Promise<number> {
  const read = async () => {
    const { rows } = await db.database.pool.query<{ read: number }>(
      `select coalesce(sum(idx_tup_read), 0)::int as read from pg_stat_user_indexes
       where relname like 'outbox%' and indexrelname like '%at_entity_seq%'`,
    )
    return rows[0]?.read ?? 0
  }
  await db.database.pool.query('select pg_stat_force_next_flush()')
  const before = await read()
  await inTransaction(db.database, async (tx) => {
    const feed = await lockFeed(tx, 5_000)
    if (feed === null) throw new Error('somebody else publishes')
    await findUnpublished(tx, { settledTo: settledTo ?? feed.settledTo }, { events: 500, bytes: 1_000_000 })
    await tx.client.query('select pg_stat_force_next_flush()')
  })
  return (await read()) - before
}

describe('publishing while an old snapshot is open', () => {
  it('does not walk through all that was published since', async () => {
    const reader = db.open({ name: 'old-snapshot', max: 1 })
    const client = await reader.pool.connect()
    try {
      await client.query('begin isolation level repeatable read read only')
      await client.query('select count(*) from outbox')
      await insertEvents(MANY, { ago: '1 hour' })
      expect(await publishOutgoingEvents(db.database)).toBe(MANY)
      await insertEvents(1, { ago: '30 minutes' })

      // From the beginning, as it was before: an entry for each event that the old snapshot may still want to see.
      expect(await entriesRead('-infinity')).toBeGreaterThan(MANY)
      expect(await entriesRead()).toBeLessThan(10)
      expect(await publishOutgoingEvents(db.database)).toBe(1)
    } finally {
      await client.query('rollback')
      client.release()
      await reader.close()
    }
  })

  it('misses nothing that was begun before and is committed after, however much was published meanwhile', async () => {
    const late = randomUUID()
    const writing = await holdLock(
      db,
      `insert into outbox (id, at, organizer_id, type, entity_id, entity_seq, payload)
       values ($1, clock_timestamp(), $2, 'venue.updated', gen_random_uuid(), 1, '{}')`,
      [late, organizerId],
    )
    await insertEvents(10, { ago: '0 seconds' })
    expect(await publishOutgoingEvents(db.database)).toBe(10)
    await insertEvents(10, { ago: '0 seconds' })
    expect(await publishOutgoingEvents(db.database)).toBe(10)
    await writing.release('commit')
    expect(await publishOutgoingEvents(db.database)).toBe(1)
  })

  it('settles nothing while later events wait behind one that is tried by itself', async () => {
    const [id, entityId] = [randomUUID(), randomUUID()]
    await insertEvents(1, { id, entityId, ago: '3 hours' })
    await setAside(
      { pool: db.database.pool, logger: testLogger },
      { kind: 'event', subjectId: id, entityId },
      new Error('x'),
    )
    await insertEvents(1, { entityId, entitySeq: 2, ago: '2 hours' })
    await insertEvents(5, { ago: '1 hour' })
    const published = await publishOutgoingEvents(db.database)
    // Those of other things go on.
    expect(published).toBeGreaterThanOrEqual(5)
    await db.database.pool.query(`update setbacks set retry_at = now() where subject_id = $1`, [id])
    expect(published + (await publishOutgoingEvents(db.database)) + (await publishOutgoingEvents(db.database))).toBe(7)
  })

  it('looks at everything again once the clock has gone back', async () => {
    await insertEvents(1, { ago: '1 hour' })
    await db.database.pool.query(`update event_feed set settled_to = now() + interval '1 hour'`)
    await insertEvents(3, { ago: '0 seconds' })
    expect(await publishOutgoingEvents(db.database)).toBe(4)
  })
})
