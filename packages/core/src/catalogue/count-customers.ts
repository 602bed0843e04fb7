/**
 * Counting what customers hold already, when a limit per customer begins.
 *
 * Keeps: I6 (counts per customer are right from the moment on at which there is a limit) and I10 (nobody waits for the
 * counting: the lock under which an event or a promo code sells is taken for moments only, however many bookings there are).
 * Locks: an advisory lock by what is counted → for a moment the event's or the promo code's state, to see all bookings as
 * they are between two changes → nothing, while pages of bookings are counted in that view.
 *
 * Counts are stored where they will be, for nobody reads or writes them while there is no limit. When the limit begins,
 * under the lock, only what was booked or ended since the view is counted again: as it was in the view, and as it is now.
 * The tempting wrong way is to count under the lock: a million bookings keep a lane standing.
 */
import type { Database } from '../db/connect.ts'
import {
  addHeld,
  countBookings,
  countPage,
  findLimit,
  findTouched,
  forgetHeld,
  type Held,
  type Limited,
  lockLimited,
} from '../inventory/queries/count-customers.ts'
import { drizzle } from '../db/drizzle.ts'
import { readClock } from '../db/read-clock.ts'
import type { Transaction } from '../db/transaction.ts'
import { notFound, Problem } from '../use-case/problem.ts'

const PAGE = 5_000
const FIRST = '00000000-0000-0000-0000-000000000000'

/** A view that is this fresh has little to be counted again. */
const FRESH_MS = 500
const MAX_VIEWS = 5

/** Audit rows have whole milliseconds, and a clock may be set back a little. */
const CLOCK_MARGIN_MS = 1_000

/** A view is read from again and again while counts are written elsewhere. It locks nothing. */
const VIEW_IDLE_MS = 20_000

/** A limit per customer begins, and nobody has counted yet. Thrown before anything was changed. */
export class CountFirstError extends Error {
  override readonly name = 'CountFirstError'
  readonly limited: Limited
  constructor(limited: Limited) {
    super(`what customers hold of ${limited.kind} ${limited.id} has to be counted first`)
    this.limited = limited
  }
}

/** Counts that were taken a moment ago. */
export interface CustomerCounts {
  /** Brings them up to date. Needs the lock of what is counted; what it does is undone with `tx`. */
  bringUpToDate(tx: Transaction): Promise<void>
}

/** All bookings as they were between two changes of what is counted. */
interface View extends Transaction {
  /** No change after the view is older than this. */
  readonly at: Date
  readonly openedAtMs: number
  close(): void
}

const MAX_ATTEMPTS = 3
const ALREADY_LIMITED = Symbol('already limited')

/** One count at a time in a process: each takes three connections for moments. */
let counting: Promise<unknown> = Promise.resolve()

/**
 * Runs `change`; where that throws `CountFirstError`, counts and runs it again with the counts.
 *
 * @param database has at least four connections
 * @throws Problem `unavailable` where the limit is lifted again each time that it begins
 */
export async function withCounts<T>(
  database: Database,
  change: (counts: CustomerCounts | null) => Promise<T>,
): Promise<T> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    try {
      return await change(null)
    } catch (error) {
      if (!(error instanceof CountFirstError)) throw error
      const counted = counting.then(() => countThen(database, error.limited, change))
      counting = counted.catch(() => undefined)
      const done = await counted
      if (done !== ALREADY_LIMITED) return done
    }
  }
  throw new Problem('unavailable', { cause: new Error('the limit per customer is being changed by others') })
}

async function countThen<T>(
  database: Database,
  limited: Limited,
  change: (counts: CustomerCounts) => Promise<T>,
): Promise<T | typeof ALREADY_LIMITED> {
  const writer = await takeConnection(database)
  let view: View | undefined
  try {
    // By the connection, not by a transaction: it stays until the limit is there.
    await writer.client.query("select pg_advisory_lock(hashtext('count-customers'), hashtext($1))", [limited.id])
    const found = await findLimit(writer, limited)
    if (found === null) throw notFound(limited.kind.replace('_', ' '))
    // Somebody else has counted meanwhile, and what is stored is in use.
    if (found.isLimited) return ALREADY_LIMITED
    const { organizerId } = found
    while (!(await forgetHeld(writer, limited, PAGE)));
    view = await openView(database, writer, limited)
    let last: string | null = FIRST
    while (last !== null) {
      const page = await countPage(view, limited, organizerId, last, PAGE)
      await addHeld(writer, limited, page.held)
      last = page.last
    }
    for (let views = 1; views < MAX_VIEWS && Date.now() - view.openedAtMs > FRESH_MS; views += 1) {
      const next = await openView(database, writer, limited)
      const stale = view
      view = next
      try {
        await addHeld(writer, limited, await changesSince(stale, next, limited, organizerId))
      } finally {
        stale.close()
      }
    }
    const counted = view
    return await change({
      bringUpToDate: async (tx) => addHeld(tx, limited, await changesSince(counted, tx, limited, organizerId)),
    })
  } finally {
    view?.close()
    // With the connection goes the advisory lock.
    writer.client.release(true)
  }
}

/** Takes a connection that will be closed afterwards. Its loss is seen by the statement that needs it. */
async function takeConnection({ pool }: Database): Promise<Transaction> {
  const client = await pool.connect()
  client.on('error', () => undefined)
  return { orm: drizzle(client), client }
}

/** Opens a view while nobody changes what is counted, for which `locker` takes the lock for a moment. */
async function openView(database: Database, locker: Transaction, limited: Limited): Promise<View> {
  const view = await takeConnection(database)
  const { client } = view
  try {
    await client.query('begin isolation level repeatable read read only')
    await client.query(`set local idle_in_transaction_session_timeout = ${VIEW_IDLE_MS}`)
    await locker.client.query('begin')
    await lockLimited(locker, limited)
    const at = await readClock(locker)
    // The first statement that reads fixes what all later ones see.
    await client.query('select 1 from lines limit 1')
    await locker.client.query('rollback')
    const openedAtMs = Date.now()
    return { ...view, at: new Date(at - CLOCK_MARGIN_MS), openedAtMs, close: () => client.release(true) }
  } catch (error) {
    client.release(true)
    throw error
  }
}

/** Counts what changed between a view and now; `now` sees a later moment at which nobody is changing anything. */
async function changesSince(view: View, now: Transaction, limited: Limited, organizerId: string): Promise<Held> {
  const touched = await findTouched(now, limited, organizerId, view.at)
  if (touched.length === 0) return new Map()
  const before = await countBookings(view, limited, touched)
  const after = await countBookings(now, limited, touched)
  const changes = new Map<string, number>()
  for (const key of new Set([...before.keys(), ...after.keys()])) {
    const change = (after.get(key) ?? 0) - (before.get(key) ?? 0)
    if (change !== 0) changes.set(key, change)
  }
  return changes
}
