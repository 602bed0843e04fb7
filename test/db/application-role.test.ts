import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkDatabase } from '@boxoffice/core/db/check-database.ts'
import type { Database } from '@boxoffice/core/db/connect.ts'
import { cancelBooking } from '@boxoffice/core/bookings/cancel-booking.ts'
import { Cleaner } from '@boxoffice/core/maintenance/clean-up.ts'
import { publishOutgoingEvents } from '@boxoffice/core/outbox/publish-outgoing-events.ts'
import { givenShowtime } from '../support/catalogue.ts'
import { type TestDatabase, sharedDatabase } from '../support/database.ts'
import { seatsRequest } from '../support/engine.ts'
import { closeLifecycles, givenBooking, givenPaid, openLifecycle, readBooking, staffOf } from '../support/lifecycle.ts'
import { testLogger } from '../support/logger.ts'

const ROLE = 'boxoffice_app'

/** The same database, opened as the role of docs/operations.md. */
let restricted: TestDatabase
let app: Database
const db = sharedDatabase()
beforeAll(async () => {
  const operations = readFileSync(fileURLToPath(new URL('../../docs/operations.md', import.meta.url)), 'utf8')
  const [, grants = ''] = /^```sql\n(CREATE ROLE .*?)^```$/ms.exec(operations) ?? []
  await db.database.pool.query(grants)
  const url = new URL(db.url)
  url.username = ROLE
  url.password = 'a password of your own'
  restricted = { ...db, url: url.href }
  app = db.open({ url: url.href, name: 'test-app', max: 2 })
})
afterAll(async () => {
  await app.close()
  await closeLifecycles()
  await db.database.pool.query(`drop owned by ${ROLE}`)
  await db.database.pool.query(`drop role ${ROLE}`)
})

/** SQLSTATE: insufficient_privilege. */
const DENIED = { code: '42501' }

describe('the role without DDL', () => {
  it('is enough to book, pay, cancel, publish, clean up and make the next months', async () => {
    await checkDatabase(app)
    const { showtimeId } = await givenShowtime(db.database)
    const booking = await givenBooking(restricted, seatsRequest(showtimeId, ['A1']))
    const lifecycle = openLifecycle(restricted)
    await givenPaid(lifecycle, booking)
    const { reference } = booking
    await cancelBooking(lifecycle, { reference, caller: staffOf(booking), requestId: 'test', keyed: null })
    expect((await readBooking(db, booking.id)).status).toBe('cancelled')
    expect(await publishOutgoingEvents(lifecycle.database)).toBeGreaterThan(3)
    const observer = { onCleanedUp: () => undefined, onCleanUpFailed: () => undefined }
    const { database } = lifecycle
    const cleaner = new Cleaner({ database, logger: testLogger, observer, refusedRequestsKeepMs: 3_600_000 })
    expect(await cleaner.run()).toMatchObject({ failed: 0 })

    const partitions = async () => {
      const { rows } = await db.database.pool.query(`select from pg_inherits where inhparent = 'audit'::regclass`)
      return rows.length
    }
    const before = await partitions()
    await app.pool.query('select ensure_month_partitions(6)')
    expect(await partitions()).toBe(before + 3)
  })

  it('switches off no trigger, and neither changes the audit nor makes or empties a table', async () => {
    for (const statement of [
      'alter table audit disable trigger audit_is_append_only',
      'update audit set actor = actor',
      'delete from audit',
      'truncate booking_requests',
      'drop table sandbox_deliveries',
      'create table public.mine ()',
    ]) {
      await expect(app.pool.query(statement)).rejects.toMatchObject(DENIED)
    }
    // It cannot through the months either, which it may write to: they have the trigger too.
    const { rows } = await app.pool.query<{ month: string }>(
      `select tableoid::regclass::text as month from audit limit 1`,
    )
    await expect(app.pool.query(`update ${rows[0]?.month ?? ''} set actor = 'me'`)).rejects.toThrow(
      'audit is append-only',
    )
  })

  it('is why: the owner may switch them off: the control', async () => {
    await db.database.pool.query('alter table audit disable trigger audit_is_append_only')
    await db.database.pool.query(`update audit set actor = 'somebody else'`)
    await db.database.pool.query('alter table audit enable trigger audit_is_append_only')
  })
})
