import { randomUUID } from 'node:crypto'
import type { AuditView } from '@boxoffice/core/db/queries/list-audit.ts'
import type { BookingView } from '@boxoffice/core/db/queries/booking-view.ts'
import type { BookingStatus } from '@boxoffice/core/domain/booking-status.ts'
import type { EventAvailability, ShowtimeAvailability } from '@boxoffice/core/domain/availability.ts'
import type { SandboxPlay } from '@boxoffice/core/payments/sandbox/plays.ts'
import type { RefundChoice } from '@boxoffice/core/domain/refund-policy.ts'
import type { RequestView } from '@boxoffice/core/services/request-view.ts'

/** An answer as it came. */
export interface Answer {
  readonly status: number
  readonly replayed: boolean
  readonly body: unknown
}

/** What is asked for: seats of a showtime, or tickets of an event. */
export type Selection = { readonly promoCode?: string; readonly email?: string } & (
  | { readonly showtimeId: string; readonly seats: readonly string[] }
  | {
      readonly eventId: string
      readonly tickets: readonly { readonly ticketTypeId: string; readonly quantity: number }[]
    }
)

export interface TicketView {
  readonly id: string
  readonly token: string
  readonly status: string
}

export interface StartedPayment {
  readonly paymentId: string
  readonly status: string
  readonly checkoutUrl: string
}

export type Booked = NonNullable<RequestView['booking']>

/** Somebody with a token, and what they do over HTTP in the life of a booking. */
export type LifecycleClient = ReturnType<typeof lifecycleClient>

/**
 * What is asked for is answered as it came, for a test to look at. What only leads there (`book`, `pay`, `booking`, …)
 * throws unless it went well.
 */
export function lifecycleClient(url: string, token: string) {
  async function send(method: 'GET' | 'POST', path: string, body?: object, key?: string): Promise<Answer> {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        prefer: 'wait=20',
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(key !== undefined && { 'idempotency-key': key }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const replayed = response.headers.get('idempotency-replayed') === 'true'
    return { status: response.status, replayed, body: await response.json() }
  }

  const get = async (path: string) => wellAnswered(path, await send('GET', path))

  /** Stands in line, and waits for the outcome. */
  async function request(selection: Selection): Promise<RequestView> {
    return wellAnswered(
      'the request',
      await send('POST', '/v1/booking-requests', requestBody(selection)),
    ) as RequestView
  }

  const startPayment = (reference: string, { returnUrl, key }: { returnUrl?: string; key?: string } = {}) =>
    send('POST', `/v1/bookings/${reference}/payments`, { ...(returnUrl !== undefined && { returnUrl }) }, key)

  return {
    send,
    request,
    startPayment,

    book: async (selection: Selection): Promise<Booked> => {
      const { booking, refusal } = await request(selection)
      if (booking === null) throw new Error(`not booked: ${JSON.stringify(refusal)}`)
      return booking
    },
    booking: async (reference: string) => (await get(`/v1/bookings/${reference}`)) as BookingView,

    /** Starts a payment, or goes on with the open one. */
    pay: async (reference: string): Promise<StartedPayment> =>
      wellAnswered('the payment', await startPayment(reference)) as StartedPayment,

    cancel: (reference: string, body: { reason?: string; refund?: RefundChoice } = {}, key?: string) =>
      send('POST', `/v1/bookings/${reference}/cancel`, body, key),

    refund: (
      reference: string,
      body: { amount?: number; cancelBooking?: boolean; reason?: string } = {},
      key?: string,
    ) => send('POST', `/v1/bookings/${reference}/refunds`, { reason: 'A leaking roof', ...body }, key),

    changeStatus: (reference: string, status: BookingStatus, reason = 'Said so at the counter', key?: string) =>
      send('POST', `/v1/bookings/${reference}/status`, { status, reason }, key),

    tickets: async (reference: string): Promise<readonly TicketView[]> => {
      const { items } = (await get(`/v1/bookings/${reference}/tickets`)) as { items: TicketView[] }
      return items
    },

    /** Scans a ticket at a gate: a new scan unless a nonce is given. */
    scan: (ticket: Pick<TicketView, 'token'>, { gate = 'Main door', nonce = randomUUID() as string } = {}) =>
      send('POST', '/v1/check-ins', { token: ticket.token, nonce, gate }),

    /** What happened to a booking and what belongs to it, oldest first. */
    audit: async (reference: string): Promise<readonly AuditView[]> => {
      const { items } = (await get(`/v1/audit?limit=100&entity=booking:${reference}`)) as { items: AuditView[] }
      return items.toReversed()
    },

    seatsTaken: async (showtimeId: string) =>
      (await get(`/v1/showtimes/${showtimeId}/availability`)) as ShowtimeAvailability,
    ticketsLeft: async (eventId: string) => (await get(`/v1/events/${eventId}/availability`)) as EventAvailability,
  }
}

/** Plays on a checkout page of the sandbox, as its buttons would. */
export async function play(checkoutUrl: string, action: SandboxPlay['action']): Promise<void> {
  const response = await fetch(checkoutUrl, {
    method: 'POST',
    headers: { accept: 'application/json', 'content-type': 'application/json' },
    body: JSON.stringify({ action }),
  })
  if (response.status !== 200) throw new Error(`${action} was answered ${response.status}: ${await response.text()}`)
  await response.body?.cancel()
}

/** How the provider has the checkout: `open`, `completed`, `cancelled`, … */
export async function checkoutStatus(checkoutUrl: string): Promise<string> {
  const response = await fetch(checkoutUrl, { headers: { accept: 'application/json' } })
  const { status } = (await response.json()) as { status: string }
  return status
}

function requestBody(selection: Selection): object {
  const { promoCode, email = `${randomUUID()}@example.org` } = selection
  return {
    ...('seats' in selection
      ? { resource: { type: 'showtime', id: selection.showtimeId }, seats: selection.seats }
      : { resource: { type: 'event', id: selection.eventId }, tickets: selection.tickets }),
    ...(promoCode !== undefined && { promoCode }),
    customer: { name: 'Ada Lovelace', email },
  }
}

function wellAnswered(what: string, { status, body }: Answer): unknown {
  if (status < 300) return body
  throw new Error(`${what} was answered ${status}: ${JSON.stringify(body)}`)
}
