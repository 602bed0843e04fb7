import { z } from 'zod'
import type { BookingView } from '@boxoffice/core/bookings/queries/booking-view.ts'
import type { BookingStatus } from '@boxoffice/core/domain/booking-status.ts'
import type { Role } from '@boxoffice/core/domain/role.ts'
import { givenOrganizer } from './catalogue.ts'
import { type EventReceiver, openEventReceiver } from './event-receiver.ts'
import { eventually } from './eventually.ts'
import { checkoutStatus, lifecycleClient, type LifecycleClient, play } from './lifecycle-client.ts'
import { type Standalone, startStandalone } from './standalone.ts'
import { signTestToken } from './tokens.ts'

/** The timeout of the hook that opens a stage: longer than starting may take, so that a failed start reports itself. */
export const STAGE_WITHIN_MS = 90_000

/** A Boxoffice of its own with a receiver of its events, an organizer and the organizer's people. */
export interface LifecycleStage extends Omit<Standalone, 'stop'> {
  readonly receiver: EventReceiver
  readonly organizerId: string
  readonly organizer: LifecycleClient
  readonly staff: LifecycleClient
  /** Creates a client for a new customer, or for another role. */
  client(role?: Role, options?: { subject?: string; organizerId?: string }): Promise<LifecycleClient>
  close(): Promise<void>
}

/** Opens a stage that closes the bookings of ended shows at once. `refuseFirst`: see `openEventReceiver`. */
export async function openLifecycleStage(options: { readonly refuseFirst?: number } = {}): Promise<LifecycleStage> {
  const receiver = await openEventReceiver(options)
  const { stop, ...standalone } = await startStandalone({ CLOSE_AFTER_MS: '0', WEBHOOKS_TO_PRIVATE_ADDRESSES: 'on' })
  const client: LifecycleStage['client'] = async (role = 'customer', as = {}) =>
    lifecycleClient(standalone.url, await signTestToken(role, as))
  receiver.expectSecret(await registerReceiver(standalone.url, receiver.url))
  const { organizerId } = await givenOrganizer(standalone.db.database)
  return {
    ...standalone,
    receiver,
    organizerId,
    organizer: await client('organizer', { organizerId }),
    staff: await client('staff', { organizerId }),
    client,
    close: async () => {
      await stop()
      await receiver.close()
    },
  }
}

/** Registers an admin's endpoint for the events of every organizer; returns its secret. */
async function registerReceiver(api: string, url: string): Promise<string> {
  const response = await fetch(`${api}/v1/webhook-endpoints`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${await signTestToken('admin')}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ url }),
  })
  if (response.status !== 201) throw new Error(`the receiver was not registered: ${await response.text()}`)
  return z.object({ secret: z.string() }).parse(await response.json()).secret
}

/** Retries `attempt` until other processes have done their work: webhooks, holds that end, reconciliation. */
export function soon<T>(attempt: () => T | Promise<T>): Promise<T> {
  return eventually(attempt, { withinMs: 20_000, everyMs: 25 })
}

export async function awaitStatus(who: LifecycleClient, reference: string, status: BookingStatus) {
  return awaitBooking(who, reference, (booking) => booking.status === status)
}

export async function awaitBooking(
  who: LifecycleClient,
  reference: string,
  is: (booking: BookingView) => boolean,
): Promise<BookingView> {
  return soon(async () => {
    const booking = await who.booking(reference)
    if (!is(booking)) throw new Error(`not yet: ${JSON.stringify(booking)}`)
    return booking
  })
}

/** Pays on the provider's page, and waits until its reports have arrived. */
export async function payOnPage(buyer: LifecycleClient, reference: string): Promise<BookingView> {
  const { checkoutUrl } = await buyer.pay(reference)
  await play(checkoutUrl, 'approve')
  return awaitStatus(buyer, reference, 'confirmed')
}

/** Waits until the worker has had the provider close its page. */
export async function awaitClosedPage(checkoutUrl: string): Promise<void> {
  await soon(async () => {
    const status = await checkoutStatus(checkoutUrl)
    if (status !== 'cancelled') throw new Error(`the page is ${status}`)
  })
}

/** Moves the end of a booking's hold to so many milliseconds from now; returns it. */
export async function moveHoldEnd({ db }: Pick<Standalone, 'db'>, reference: string, inMs: number): Promise<string> {
  const { rows } = await db.database.pool.query<{ expiresAt: Date }>(
    `update bookings
     set expires_at = date_trunc('milliseconds', clock_timestamp() + make_interval(secs => $2::float8 / 1000))
     where reference = $1 and status = 'pending' returning expires_at as "expiresAt"`,
    [reference, inMs],
  )
  const [moved] = rows
  if (moved === undefined) throw new Error(`${reference} holds nothing`)
  return moved.expiresAt.toISOString()
}

export async function letHoldEnd(stage: Pick<Standalone, 'db'>, who: LifecycleClient, reference: string) {
  await moveHoldEnd(stage, reference, -1)
  return awaitStatus(who, reference, 'cancelled')
}

/** Moves a showtime or event into the past. */
export async function letEnd({ db }: Pick<Standalone, 'db'>, resourceId: string): Promise<void> {
  const past = `clock_timestamp() - interval`
  await db.database.pool.query(`update showtimes set starts_at = ${past} '3 hours' where id = $1`, [resourceId])
  await db.database.pool.query(
    `update events set starts_at = ${past} '3 hours', ends_at = ${past} '1 second' where id = $1`,
    [resourceId],
  )
}

export async function bookingIdOf({ db }: Pick<Standalone, 'db'>, reference: string): Promise<string> {
  const { rows } = await db.database.pool.query<{ id: string }>('select id from bookings where reference = $1', [
    reference,
  ])
  return rows[0]?.id ?? ''
}

/** Waits until all events of all bookings have arrived; returns the bookings whose events came in another order. */
export async function findDisorderedEvents({ db, receiver }: LifecycleStage): Promise<readonly string[]> {
  const { rows } = await db.database.pool.query<{ id: string; reference: string; last: number }>(
    'select id, reference, event_seq as last from bookings',
  )
  const disordered: string[] = []
  for (const { id, reference, last } of rows) {
    const arrived = await soon(() => {
      const events = receiver.events(id)
      if (events.length < last) throw new Error(`${events.length} of ${last} events of ${reference} have arrived`)
      return events
    })
    if (arrived.some(({ seq }, index) => seq !== index + 1)) disordered.push(reference)
  }
  return disordered
}

/** Returns the audited actions on a booking, oldest first, as `payment.completed` and so on. */
export async function stepsOf({ organizer }: LifecycleStage, reference: string): Promise<readonly string[]> {
  return (await organizer.audit(reference)).map(({ action }) => action)
}
