import type { Database } from '@boxoffice/core/db/connect.ts'
import type { Outcome, Submission } from '@boxoffice/core/domain/booking-request.ts'
import type { Refusal } from '@boxoffice/core/domain/refusals/refusal.ts'
import { decideNextBatch } from '@boxoffice/core/booking-requests/deciding/decide-lines.ts'
import type { TestDatabase } from '../support/database.ts'
import { openEngine } from '../support/engine.ts'
import { holdBefore, interceptTransactions, withoutRowLocks } from '../support/intercepted-database.ts'
import { waitForBlocked } from '../support/locks.ts'

/** Runs the decider without its row locks, and lets it write what is behind the watermark by then. */
export const unguarded = (database: Database) =>
  interceptTransactions(withoutRowLocks(database), ({ name, text, run }) =>
    run(name === 'write-decisions' ? text.replace('= n.watermark', '= greatest(s.watermark, n.watermark)') : text),
  )

/**
 * Runs two deciders in the worst order. The first line's decider has read what is free and is held before it writes;
 * the second line's then does the same. With `guard`, which takes the locks away, the second gets through. Otherwise
 * the function makes sure that it waits, and then releases the first. Returns the outcomes, the first line's before the
 * second's.
 *
 * @param between Done while the first is held, before the second begins
 */
export async function race(
  db: TestDatabase,
  [first, second]: readonly [string, string],
  guard?: (database: Database) => Database,
  between: () => Promise<unknown> = () => Promise.resolve(),
): Promise<Outcome[]> {
  const hold = holdBefore('write-decisions')
  const [one, two] = [
    openEngine(db, { wrapDeciding: (database) => (guard ?? asIs)(hold.wrap(database)) }),
    openEngine(db, { wrapDeciding: guard ?? asIs }),
  ]
  try {
    const decidingOne = decideNextBatch(one.deciding, [first], 'wait')
    await hold.reached
    await between()
    const decidingTwo = decideNextBatch(two.deciding, [second], 'wait')
    await (guard === undefined ? waitForBlocked(db) : decidingTwo)
    hold.release()
    const batches = await Promise.all([decidingOne, decidingTwo])
    return batches.flatMap((batch) => batch.outcomes)
  } finally {
    hold.release()
    await Promise.all([one.close(), two.close()])
  }
}

/**
 * Runs two deciders on two requests for the same place, in the worst order: the second request comes while the first is
 * in the hands of a decider. With `guard` the line is moved past the first by hand, so that nothing in it keeps the two
 * apart, and only the last guards do.
 */
export async function raceInLine(
  db: TestDatabase,
  [first, second]: readonly [Submission, Submission],
  guard?: (database: Database) => Database,
): Promise<Outcome[]> {
  const { resourceId } = first
  const engine = openEngine(db)
  try {
    await engine.line.accept(first)
    return await race(db, [resourceId, resourceId], guard, async () => {
      if (guard !== undefined) {
        await db.database.pool.query('update resource_state set watermark = 1 where resource_id = $1', [resourceId])
      }
      await engine.line.accept(second)
    })
  } finally {
    await engine.close()
  }
}

const asIs = (database: Database) => database

export const codesOf = (outcomes: readonly Pick<Outcome, 'state' | 'refusal'>[]) =>
  outcomes.map(({ state, refusal }) => refusal?.code ?? state)

export interface StoredOutcome {
  readonly id: string
  readonly seq: number
  readonly state: 'booked' | 'refused'
  readonly refusal: Refusal | null
  readonly bookingId: string | null
  readonly payload: Submission['payload']
}

/**
 * Returns the outcomes of the requests for a showtime or event, in the order of their line. Throws if one is undecided.
 */
export async function readOutcomes({ database }: TestDatabase, resourceId: string): Promise<StoredOutcome[]> {
  const { rows } = await database.pool.query<
    StoredOutcome | (Omit<StoredOutcome, 'state'> & { readonly state: 'queued' })
  >(
    `select id, seq, state, refusal, booking_id as "bookingId", payload
     from booking_requests where resource_id = $1 order by seq`,
    [resourceId],
  )
  return rows.map(({ state, ...row }) => {
    if (state === 'queued') throw new Error(`request ${row.id} is undecided`)
    return { state, ...row }
  })
}

/**
 * Counts what was written beside the outcomes: bookings and their places, and an audit row and outgoing event for each
 * request.
 */
export async function bookedOf({ database }: TestDatabase, resourceId: string) {
  const { rows } = await database.pool.query<Record<'bookings' | 'places' | 'audited' | 'announced', number>>(
    `with decided as (
       select coalesce(booking_id, id) as id from booking_requests where resource_id = $1 and state <> 'queued'
     )
     select (select count(*) from bookings where resource_id = $1) as bookings,
       (select coalesce(sum(i.quantity), 0) from booking_items i join bookings b on b.id = i.booking_id
         where b.resource_id = $1) as places,
       (select count(*) from audit join decided on decided.id = entity_id) as audited,
       (select count(*) from outbox join decided on decided.id = entity_id) as announced`,
    [resourceId],
  )
  return rows[0]
}
