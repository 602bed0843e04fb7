import { setTimeout as pause } from 'node:timers/promises'
import type { Database } from '@boxoffice/core/db/connect.ts'
import { inTransaction } from '@boxoffice/core/db/transaction.ts'
import { signToken } from '@boxoffice/core/access/tokens.ts'
import { JWT_SECRET } from '@boxoffice/load-rig/product.ts'
import { createSeller, type EventOnSale, putEventOnSale } from '@boxoffice/load-rig/stage.ts'
import { followDrain } from '../../lane-progress.ts'
import type { Disturbance } from './disturbance.ts'
import { fillLane, ticketsFor } from '../fill-backlog.ts'

const OTHER_LANE = 1
const FULL = { each: 3_000, confirmedPerSecond: 200 }
const QUICK = { each: 100, confirmedPerSecond: 20 }
const TICK_MS = 50
/** Longer than any run: when the holds end is said once the measured time begins. */
const HOLD_TTL_MS = 86_400_000
const ENDED_WITHIN_MS = 30_000
const MAX_PROBLEMS = 5

type Counts = Readonly<Record<'confirmed' | 'expired', number>>

/** In another lane pending bookings of one event expire, and those of a second one are confirmed by staff. */
export const confirmationsAndExpiries: Disturbance = {
  name: 'confirmations and expiries',
  countsCatchingUp: false,
  begin: async ({ context, bench: { database } }) => {
    const { quick, measuredMs } = context.options
    const { each: half, confirmedPerSecond } = quick ? QUICK : FULL
    const organizerId = await createSeller(database, 'Another Promoter')
    const owner = { organizerId, lane: OTHER_LANE, holdTtlMs: HOLD_TTL_MS }
    const putOnSale = (title: string) => putEventOnSale(database, owner, { title, capacity: ticketsFor(half) })
    const kept = await putOnSale('A Concert that people pay for')
    const left = await putOnSale('A Concert that nobody pays for')
    const count = () => countOutcomes(database, [kept, left])
    const token = await signStaff(organizerId)
    const state = { over: false, busy: 0 }
    const problems: string[] = []
    let references: readonly string[] = []
    let staff: Staff | null = null
    let disturbing: Promise<unknown> = Promise.resolve()
    let before: Promise<Counts> | null = null
    let after: Promise<Counts> | null = null
    return {
      ready: async ({ url, failed }) => {
        for (const event of [kept, left]) {
          await inTransaction(database, ({ client }) => fillLane(client, OTHER_LANE, event, half))
          await followDrain(database, failed, OTHER_LANE)
        }
        references = await referencesOf(database, kept)
        if (references.length !== half) problems.push(`${references.length} of ${half} bookings to confirm were made`)
        staff = { url, token, confirmedPerSecond, state, problems }
      },
      measuring: () => {
        if (staff === null) throw new Error('nothing is ready')
        before = count()
        before.catch(() => {})
        disturbing = Promise.all([endHoldsWithin(database, left, measuredMs / 2), confirmSteadily(references, staff)])
        disturbing.catch(() => {})
      },
      measured: () => {
        after = count()
        after.catch(() => {})
        state.over = true
      },
      end: async ({ failed }) => {
        await disturbing
        const [from, to] = [await before, await after]
        if (from === null || to === null) throw new Error('nothing was counted')
        const held = await Promise.race([untilEnded(database, left), failed])
        if (held > 0) problems.push(`${held} holds are not ended ${ENDED_WITHIN_MS / 1_000} s later`)
        const [confirmed, expired] = [to.confirmed - from.confirmed, to.expired - from.expired]
        // In a second or two they may come to nothing until it is over.
        if (!quick && confirmed === 0) problems.push('no booking was confirmed in the measured time')
        if (!quick && expired === 0) problems.push('no booking expired in the measured time')
        if ((await count()).confirmed === 0) problems.push('no booking was confirmed')
        const busy = state.busy === 0 ? '' : `; ${state.busy} confirmations answered 503`
        return { remark: `${confirmed} confirmed and ${expired} expired in the measured time${busy}`, problems }
      },
      release: async () => {
        state.over = true
        await Promise.allSettled([disturbing, before, after])
      },
    }
  },
}

function signStaff(organizerId: string): Promise<string> {
  return signToken({ subject: 'bench-staff', role: 'staff', organizerId, ttlSeconds: 86_400 }, JWT_SECRET, {
    JWT_AUDIENCE: 'boxoffice',
    JWT_ISSUER: undefined,
  })
}

async function referencesOf({ pool }: Database, { eventId }: EventOnSale): Promise<string[]> {
  const { rows } = await pool.query<{ reference: string }>(
    `select reference from bookings where resource_id = $1 and status = 'pending'`,
    [eventId],
  )
  return rows.map(({ reference }) => reference)
}

/** From now on their holds end, evenly over the time. */
async function endHoldsWithin({ pool }: Database, { eventId }: EventOnSale, timeMs: number): Promise<void> {
  await pool.query(
    `update bookings set expires_at = clock_timestamp() + random() * $2 * interval '1 ms'
     where resource_id = $1 and status = 'pending'`,
    [eventId, timeMs],
  )
}

/** Resolves with how many are held all the same when it has taken too long. */
async function untilEnded({ pool }: Database, { eventId }: EventOnSale): Promise<number> {
  const deadline = performance.now() + ENDED_WITHIN_MS
  for (;;) {
    const { rows } = await pool.query<{ held: number }>(
      `select count(*) as held from bookings where resource_id = $1 and status = 'pending'`,
      [eventId],
    )
    const held = rows[0]?.held ?? 0
    if (held === 0 || performance.now() > deadline) return held
    await pause(TICK_MS)
  }
}

async function countOutcomes({ pool }: Database, events: readonly EventOnSale[]): Promise<Counts> {
  const { rows } = await pool.query<Counts>(
    `select count(*) filter (where status = 'confirmed') as confirmed,
       count(*) filter (where cancel_reason = 'expired') as expired
     from bookings where resource_id = any($1::uuid[])`,
    [events.map(({ eventId }) => eventId)],
  )
  return rows[0] ?? { confirmed: 0, expired: 0 }
}

interface Staff {
  readonly url: string
  readonly token: string
  readonly confirmedPerSecond: number
  /** `busy`: how many were answered 503, which is what an overloaded API does. */
  readonly state: { readonly over: boolean; busy: number }
  /** Filled with the first few. */
  readonly problems: string[]
}

/** Confirms one after the other at a steady rate, however long each takes, until all are or it is over. */
async function confirmSteadily(references: readonly string[], staff: Staff): Promise<void> {
  const startedMs = performance.now()
  const sent: Promise<void>[] = []
  while (!staff.state.over && sent.length < references.length) {
    const due = Math.floor(((performance.now() - startedMs) / 1_000) * staff.confirmedPerSecond)
    for (const reference of references.slice(sent.length, due)) sent.push(confirm(reference, staff))
    await pause(TICK_MS)
  }
  await Promise.all(sent)
}

async function confirm(reference: string, { url, token, state, problems }: Staff): Promise<void> {
  const outcome = await fetch(`${url}/v1/bookings/${reference}/status`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ status: 'confirmed', reason: 'paid at the counter' }),
  }).then(
    async (response) => {
      const text = await response.text()
      if (response.status === 503) state.busy++
      return response.ok || response.status === 503 ? 'expected' : `answered ${response.status} ${text}`
    },
    (error: unknown) => `not answered: ${String(error)}`,
  )
  if (outcome !== 'expected' && problems.length < MAX_PROBLEMS)
    problems.push(`a booking was not confirmed but ${outcome.slice(0, 200)}`)
}
