import { randomUUID } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import { isTransient, violatedConstraint } from '@boxoffice/core/db/sql-errors.ts'
import { cancelBooking } from '@boxoffice/core/bookings/cancel-booking.ts'
import type { LifecycleDependencies } from '@boxoffice/core/bookings/lifecycle.ts'
import { checkIn, type ScanResult } from '@boxoffice/core/tickets/check-in.ts'
import { signTicketToken } from '@boxoffice/core/tickets/ticket-token.ts'
import { givenShowtime } from '../support/catalogue.ts'
import { type TestDatabase, sharedDatabase } from '../support/database.ts'
import { seatsRequest } from '../support/engine.ts'
import {
  buyerOf,
  closeLifecycles,
  givenBooking,
  type GivenBooking,
  givenPaid,
  holdAt,
  inBareDatabase,
  openLifecycle,
  openTwoLifecycles,
  readBooking,
  staffOf,
  withoutLocks,
  ticketIdsOf,
} from '../support/lifecycle.ts'
import { findViolations } from '../support/lifecycle-invariants.ts'
import { waitForBlocked } from '../support/locks.ts'
import { ticketKeys } from '../tickets/keys.ts'

const db = sharedDatabase()
afterEach(closeLifecycles)

const keys = ticketKeys()

/** Books and pays two seats of a showtime whose doors are open. */
async function givenTicket(on: TestDatabase) {
  const { showtimeId } = await givenShowtime(on.database, { startsAt: new Date(Date.now() + 30 * 60_000) })
  const booking = await givenBooking(on, seatsRequest(showtimeId, ['A1', 'A2']))
  await givenPaid(openLifecycle(on), booking)
  const [ticketId = ''] = await ticketIdsOf(on, booking)
  return {
    booking,
    ticketId,
    token: signTicketToken(keys, { ticketId, resourceId: showtimeId, seat: 'A1', ticketTypeId: null }),
  }
}

type Given = Awaited<ReturnType<typeof givenTicket>>

/** Scans the ticket; a new scan by default. */
function scan(
  { database }: LifecycleDependencies,
  { booking, token }: Given,
  { nonce = randomUUID() as string, device = 'device-1' } = {},
): Promise<ScanResult> {
  const made = { token, nonce, device, gate: 'Main door', resourceId: booking.resourceId, scannedAt: null }
  return checkIn({ database, ticketKeys: keys }, made, staffOf(booking), 'test')
}

const cancel = (deps: LifecycleDependencies, booking: GivenBooking, caller = staffOf(booking)) =>
  cancelBooking(deps, { reference: booking.reference, caller, requestId: 'test', keyed: null })

async function scansOf({ database }: TestDatabase, ticketId: string) {
  const { rows } = await database.pool.query<{ result: string; count: number }>(
    'select result, count(*) from check_ins where ticket_id = $1 group by 1 order by 1',
    [ticketId],
  )
  return Object.fromEntries(rows.map(({ result, count }) => [result, count]))
}

/** Makes ten scans of one ticket, each of which has read the ticket as unused. */
async function scanAtOnce(on: TestDatabase) {
  const given = await givenTicket(on)
  const hold = holdAt('insert into "check_ins"', 10)
  const lifecycle = openLifecycle(on, { wrap: (database) => hold.wrap(withoutLocks(database)) })
  const scans = Promise.allSettled(Array.from({ length: 10 }, () => scan(lifecycle, given)))
  await hold.reached
  hold.release()
  return { given, results: await scans }
}

describe('many scans of one ticket at once', () => {
  it('admit every one, without row locks and index: the control', async () => {
    await inBareDatabase(async (bare) => {
      const { given } = await scanAtOnce(bare)
      expect(await scansOf(bare, given.ticketId)).toEqual({ admitted: 10 })
      expect(await findViolations(bare)).toContain(
        `I6 a ticket admitted twice, or admitted and not marked: ${given.ticketId}`,
      )
    }, 'drop index check_ins_admitted_once')
  })

  it('admit one by the index alone', async () => {
    const { given, results } = await scanAtOnce(db)
    const failures = results.flatMap((result) =>
      result.status === 'rejected' ? [violatedConstraint(result.reason)] : [],
    )
    expect(failures).toEqual(Array.from({ length: 9 }, () => 'check_ins_admitted_once'))
    expect(await scansOf(db, given.ticketId)).toEqual({ admitted: 1 })
    expect(await findViolations(db)).toEqual([])
  })

  it(
    'admit one of a thousand by the locks, and 999 hear that it was used, when and where',
    { timeout: 120_000 },
    async () => {
      const given = await givenTicket(db)
      const processes = Array.from({ length: 3 }, () => openLifecycle(db, { max: 20 }))
      // A scan that got no answer in time is sent again by its device, as the same one.
      const scanUntilAnswered = async (on: LifecycleDependencies, nonce: string): Promise<ScanResult> => {
        try {
          return await scan(on, given, { nonce })
        } catch (error) {
          if (!isTransient(error)) throw error
          return scanUntilAnswered(on, nonce)
        }
      }
      const results = await Promise.all(
        Array.from({ length: 1_000 }, (_, at) =>
          scanUntilAnswered(processes[at % 3] ?? openLifecycle(db), `nonce-${at}`),
        ),
      )
      expect(results.filter(({ result }) => result === 'admitted')).toHaveLength(1)
      const used = results.filter(({ result }) => result === 'already_used')
      expect(used).toHaveLength(999)
      expect(new Set(used.map(({ firstScan }) => JSON.stringify(firstScan))).size).toBe(1)
      expect(used[0]?.firstScan?.gate).toBe('Main door')
      expect(await scansOf(db, given.ticketId)).toEqual({ admitted: 1, already_used: 999 })
      expect(await findViolations(db)).toEqual([])
    },
  )

  it('are one where they are the same scan, sent fifty times', async () => {
    const given = await givenTicket(db)
    const two = openTwoLifecycles(db)
    const results = await Promise.all(
      Array.from({ length: 50 }, (_, at) => scan(two[at % 2 === 0 ? 0 : 1], given, { nonce: 'once' })),
    )
    expect(new Set(results.map(({ result }) => result))).toEqual(new Set(['admitted']))
    expect(await scansOf(db, given.ticketId)).toEqual({ admitted: 1 })
    expect((await scan(two[0], given)).result).toBe('already_used')
    expect(await findViolations(db)).toEqual([])
  })
})

describe('a scan while the booking is being cancelled', () => {
  it('admits after the cancellation has committed, without row locks: the control', async () => {
    await inBareDatabase(async (bare) => {
      const given = await givenTicket(bare)
      const hold = holdAt('insert into "check_ins"')
      const [scanning, cancelling] = openTwoLifecycles(bare, (database) => hold.wrap(withoutLocks(database)))
      const scanned = scan(scanning, given)
      await hold.reached
      await cancel(cancelling, given.booking)
      hold.release()
      expect((await scanned).result).toBe('admitted')
      expect((await readBooking(bare, given.booking.id)).tickets).toEqual(['checked_in', 'void'])
    })
  })

  it('waits for the cancellation, and is told that the ticket is void', async () => {
    const given = await givenTicket(db)
    const hold = holdAt('commit')
    const [cancelling, scanning] = openTwoLifecycles(db, hold.wrap)
    const cancelled = cancel(cancelling, given.booking)
    await hold.reached
    const scanned = scan(scanning, given)
    await waitForBlocked(db)
    hold.release()
    await cancelled
    expect((await scanned).result).toBe('void')
    expect(await readBooking(db, given.booking.id)).toMatchObject({ status: 'cancelled', tickets: ['void', 'void'] })
    expect(await findViolations(db)).toEqual([])
  })

  it('admits where it came first; the staff cancels the rest, and the buyer can no more', async () => {
    const given = await givenTicket(db)
    const hold = holdAt('commit')
    const [scanning, cancelling] = openTwoLifecycles(db, hold.wrap)
    const scanned = scan(scanning, given)
    await hold.reached
    const byBuyer = cancel(cancelling, given.booking, buyerOf(given.booking)).catch((error: unknown) => error)
    await waitForBlocked(db)
    hold.release()
    expect((await scanned).result).toBe('admitted')
    expect(await byBuyer).toMatchObject({ code: 'not_cancellable' })
    await cancel(cancelling, given.booking)
    expect(await readBooking(db, given.booking.id)).toMatchObject({
      status: 'cancelled',
      tickets: ['checked_in', 'void'],
    })
    expect(await findViolations(db)).toEqual([])
  })

  it('never admits once one scan was told that it is void, whatever the order', async () => {
    const given = await givenTicket(db)
    const two = openTwoLifecycles(db)
    const results = await Promise.all([
      ...Array.from({ length: 20 }, () => scan(two[0], given)),
      cancel(two[1], given.booking).then(async () => scan(two[1], given)),
    ])
    const told = results.map(({ result }) => result)
    expect(told.filter((result) => result === 'admitted').length).toBeLessThanOrEqual(1)
    expect(told.at(-1)).not.toBe('admitted')
    expect(await findViolations(db)).toEqual([])
  })
})
