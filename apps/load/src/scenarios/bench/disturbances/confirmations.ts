import type { TicketSale } from '../../../catalogue/hall.ts'
import { setTimeout as pause } from 'node:timers/promises'
import type { Database } from '@boxoffice/core/db/connect.ts'
import { inTransaction } from '@boxoffice/core/db/transaction.ts'
import { fillLine, ticketsFor } from '../../../catalogue/fill-line.ts'
import { createSeller, putEventOnSale } from '../../../catalogue/put-on-sale.ts'
import { followLine } from '../../../measure/line.ts'
import type { Disturbance } from './disturbance.ts'

const FULL = { each: 3_000, confirmedPerSecond: 200 }
const QUICK = { each: 100, confirmedPerSecond: 20 }
const LOOK_EVERY_MS = 50
/** Longer than any run: when the holds end is said once the measured time begins. */
const HOLD_TTL_MS = 86_400_000
const ENDED_WITHIN_MS = 30_000
const STAFF = 'staff'

type Counts = Readonly<Record<'confirmed' | 'expired', number>>

/** Expiry of the pending bookings of another event, and confirmation of those of a third one by staff. */
export const confirmationsAndExpiries: Disturbance = {
  name: 'confirmations and expiries',
  countsCatchingUp: false,
  begin: async ({ context, database }) => {
    const { quick, durationMs, warmUpMs } = context
    const { each: half, confirmedPerSecond } = quick ? QUICK : FULL
    const organizerId = await createSeller(database, 'Another Promoter')
    const owner = { organizerId, holdTtlMs: HOLD_TTL_MS }
    const putOnSale = (title: string) => putEventOnSale(database, owner, { title, capacity: ticketsFor(half) })
    const kept = await putOnSale('A Concert that people pay for')
    const left = await putOnSale('A Concert that nobody pays for')
    const count = () => {
      const counting = countOutcomes(database, [kept, left])
      counting.catch(() => {})
      return counting
    }
    const token = await context.sign('load-staff', 'staff', organizerId)
    const problems: string[] = []
    let ending: Promise<unknown> = Promise.resolve()
    let before: Promise<Counts> | null = null
    let after: Promise<Counts> | null = null
    return {
      ready: async ({ failed }) => {
        for (const event of [kept, left]) {
          await inTransaction(database, ({ client }) => fillLine(client, event, half))
          await followLine(database, failed, { resourceIds: [event.eventId] })
        }
        const references = await referencesOf(database, kept)
        if (references.length !== half) problems.push(`${references.length} of ${half} bookings to confirm were made`)
        const window = { fromMs: warmUpMs, untilMs: warmUpMs + durationMs }
        const arrivals = { shape: 'steady', perSecond: confirmedPerSecond, ...window } as const
        return [{ name: STAFF, headline: false, arrivals, journey: { kind: 'confirm', references, token } }]
      },
      measuring: () => {
        before = count()
        ending = endHoldsWithin(database, left, durationMs / 2)
        ending.catch(() => {})
      },
      measured: () => {
        after = count()
      },
      end: async ({ failed }, { streams }) => {
        await ending
        const [from, to] = [await before, await after]
        if (from === null || to === null) throw new Error('nothing was counted')
        const held = await Promise.race([untilEnded(database, left), failed])
        if (held > 0) problems.push(`${held} holds are not ended ${ENDED_WITHIN_MS / 1_000} s later`)
        const [confirmed, expired] = [to.confirmed - from.confirmed, to.expired - from.expired]
        // In a second or two they may come to nothing until it is over.
        if (!quick && confirmed === 0) problems.push('no booking was confirmed in the measured time')
        if (!quick && expired === 0) problems.push('no booking expired in the measured time')
        if ((await count()).confirmed === 0) problems.push('no booking was confirmed')
        // What an overloaded API does.
        const busy = streams.find(({ name }) => name === STAFF)?.statuses['503'] ?? 0
        const remark = `${confirmed} confirmed and ${expired} expired in the measured time`
        return { remark: busy === 0 ? remark : `${remark}; ${busy} confirmations answered 503`, problems }
      },
      release: async () => {
        await Promise.allSettled([ending, before, after])
      },
    }
  },
}

async function referencesOf({ pool }: Database, { eventId }: TicketSale): Promise<string[]> {
  const { rows } = await pool.query<{ reference: string }>(
    `select reference from bookings where resource_id = $1 and status = 'pending'`,
    [eventId],
  )
  return rows.map(({ reference }) => reference)
}

/** Lets the holds of the event end from now on, evenly over the time. */
async function endHoldsWithin({ pool }: Database, { eventId }: TicketSale, timeMs: number): Promise<void> {
  await pool.query(
    `update bookings set expires_at = clock_timestamp() + random() * $2 * interval '1 ms'
     where resource_id = $1 and status = 'pending'`,
    [eventId, timeMs],
  )
}

/** Resolves with how many are held all the same when it has taken too long. */
async function untilEnded({ pool }: Database, { eventId }: TicketSale): Promise<number> {
  const deadline = performance.now() + ENDED_WITHIN_MS
  for (;;) {
    const { rows } = await pool.query<{ held: number }>(
      `select count(*) as held from bookings where resource_id = $1 and status = 'pending'`,
      [eventId],
    )
    const held = rows[0]?.held ?? 0
    if (held === 0 || performance.now() > deadline) return held
    await pause(LOOK_EVERY_MS)
  }
}

async function countOutcomes({ pool }: Database, events: readonly TicketSale[]): Promise<Counts> {
  const { rows } = await pool.query<Counts>(
    `select count(*) filter (where status = 'confirmed') as confirmed,
       count(*) filter (where cancel_reason = 'expired') as expired
     from bookings where resource_id = any($1::uuid[])`,
    [events.map(({ eventId }) => eventId)],
  )
  return rows[0] ?? { confirmed: 0, expired: 0 }
}
