import { randomUUID } from 'node:crypto'
import type { Actor } from '@boxoffice/contract/access.ts'
import { findBooking } from '@boxoffice/core/bookings/queries/find-booking.ts'
import { readTickets } from '@boxoffice/core/tickets/queries/read-tickets.ts'
import { signRecoveryToken } from '@boxoffice/core/access/recovery-token.ts'
import { tokenOf } from '@boxoffice/core/tickets/show-tickets.ts'
import { givenEvent, type GivenEvent, givenOrganizer, givenShowtime, type GivenShowtime } from '../support/catalogue.ts'
import { shared } from '../support/shared.ts'
import { signTestToken, TEST_SECRETS } from '../support/tokens.ts'
import { type LifecycleApp, seatDispenser, startLifecycleApp } from './start-lifecycle-app.ts'

/** An API with something of everything in it, and a token for each actor of the contract's table. */
export interface World {
  readonly app: LifecycleApp
  readonly show: GivenShowtime
  readonly event: GivenEvent
  readonly tokens: Readonly<Record<Actor, string | null>>
  /** Returns a seat that nobody has requested. */
  seat(): string
  /** Returns the reference of a new booking of the owner. */
  pending(): Promise<string>
  confirmed(): Promise<string>
  /** Returns the id of a new booking request of the owner. */
  bookingRequest(): Promise<string>
  /** Returns the id of a new booking request of the owner that waits in a paused line. */
  waitingRequest(): Promise<string>
  /** Returns a ticket of a new confirmed booking. */
  ticket(): Promise<{ readonly id: string; readonly token: string }>
  /** Returns the token of a mailed link to a new booking. */
  recoveryToken(): Promise<string>
  /** Calls as the organizer and returns the answer's id. */
  made(path: string, body: unknown): Promise<string>
  /** Returns the id of parked work. */
  parked(): Promise<string>
  /** Removes all webhook endpoints, because an organizer's number of them is limited. */
  clearEndpoints(): Promise<void>
}

/** Returns a world that the tests of a file share. */
export function sharedWorld(): World {
  return shared(
    async () => openWorld(await startLifecycleApp()),
    ({ app }) => app.close(),
  )
}

async function openWorld(app: LifecycleApp): Promise<World> {
  const { database } = app.db
  const show = await givenShowtime(database, { rows: 26, seatsPerRow: 30 })
  const { organizerId } = show
  const event = await givenEvent(database, { organizerId })
  const { organizerId: foreignId } = await givenOrganizer(database)
  const owner = await signTestToken('customer', { subject: `customer:${randomUUID()}` })
  const organizer = await signTestToken('organizer', { organizerId })
  const tokens = {
    nobody: null,
    customer: await signTestToken('customer'),
    owner,
    staff: await signTestToken('staff', { organizerId }),
    foreignOrganizer: await signTestToken('organizer', { organizerId: foreignId }),
    organizer,
    admin: await signTestToken('admin'),
  }
  const dispense = seatDispenser(show)
  const seat = () => dispense().seats[0] ?? ''
  const book = () => app.book(dispense(), { token: owner })
  const confirmed = async () => {
    const booked = await book()
    await app.pay(booked)
    return booked.reference
  }
  const idOf = (body: unknown) => {
    if (typeof body === 'object' && body !== null && 'id' in body && typeof body.id === 'string') return body.id
    throw new Error(`there is no id in ${JSON.stringify(body)}`)
  }
  const ask = async (wanted: object) => {
    const body = { ...wanted, customer: { name: 'Ada', email: 'ada@example.org' } }
    return idOf((await app.send('POST', '/v1/booking-requests', { token: owner, body })).body)
  }
  const waiting = await givenEvent(database)
  await database.pool.query('update resource_state set paused = true where resource_id = $1', [waiting.eventId])
  return {
    app,
    show,
    event,
    tokens,
    seat,
    pending: async () => (await book()).reference,
    confirmed,
    bookingRequest: () => ask(dispense()),
    waitingRequest: () =>
      ask({
        resource: { type: 'event', id: waiting.eventId },
        tickets: [{ ticketTypeId: waiting.ticketTypeIds[0], quantity: 1 }],
      }),
    ticket: async () => {
      const booking = await findBooking(database.pool, await confirmed())
      const [ticket] = booking === null ? [] : await readTickets(database.pool, booking.id)
      if (ticket === undefined) throw new Error('there is no ticket')
      return { id: ticket.id, token: tokenOf(app.ticketKeys, ticket) }
    },
    recoveryToken: async () => {
      const booking = await findBooking(database.pool, (await book()).reference)
      return signRecoveryToken(booking?.id ?? '', TEST_SECRETS.GUEST_SECRET, Date.now())
    },
    made: async (path, body) => {
      const answer = await app.send('POST', path, { token: organizer, body })
      if (answer.status >= 300) throw new Error(`${path} answered ${answer.status}: ${answer.text}`)
      return idOf(answer.body)
    },
    parked: async () => {
      const id = randomUUID()
      await database.pool.query(
        `insert into setbacks (id, kind, subject_id, entity_id, failures, error, first_failed_at, failed_at)
         values ($1, 'event', gen_random_uuid(), gen_random_uuid(), 6, 'It failed.', now(), now())`,
        [id],
      )
      return id
    },
    clearEndpoints: async () => {
      await database.pool.query('update webhook_endpoints set deleted_at = now() where deleted_at is null')
    },
  }
}
