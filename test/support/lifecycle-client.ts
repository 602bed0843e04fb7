import { randomUUID } from 'node:crypto'
import { type AnswerOf, book, BoxofficeClient, type BookingRequestBody, type DecidedRequest } from '@boxoffice/client'
import type { BookingStatus } from '@boxoffice/core/domain/booking-status.ts'
import type { SandboxPlay } from '@boxoffice/core/payments/sandbox/plays.ts'
import type { RefundChoice } from '@boxoffice/core/domain/money/refund-policy.ts'

/** An answer as it came. */
export interface Answer {
  readonly status: number
  readonly replayed: boolean
  readonly body: unknown
}

/** The request's selection: seats of a showtime, or tickets of an event. */
export type Selection = { readonly promoCode?: string; readonly email?: string } & (
  | { readonly showtimeId: string; readonly seats: readonly string[] }
  | {
      readonly eventId: string
      readonly tickets: readonly { readonly ticketTypeId: string; readonly quantity: number }[]
    }
)

export type TicketView = AnswerOf<'listTickets'>['items'][number]
export type Booked = NonNullable<DecidedRequest['booking']>

/** A started payment with a page to pay on. */
export type StartedPayment = Awaited<ReturnType<LifecycleClient['pay']>>

/** A caller with a token, and the HTTP calls of a booking's life. */
export type LifecycleClient = ReturnType<typeof lifecycleClient>

/**
 * Creates a client for tests. Calls under test return the answer as it came, for the test to look at. Calls that only
 * lead there (`book`, `pay`, `booking`, …) go through the project's client, as a shop's would, and throw if they fail.
 */
export function lifecycleClient(url: string, token: string) {
  const client = new BoxofficeClient({ baseUrl: url, token })

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

  /** Stands in line, and waits for the outcome. */
  const request = (selection: Selection): Promise<DecidedRequest> => book(client, requestBody(selection))

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
    booking: (reference: string) => client.call('getBooking', { params: { reference } }),

    /** Starts a payment, or continues the open one. */
    pay: async (reference: string) => {
      const { checkoutUrl, ...payment } = await client.call('startPayment', { params: { reference }, body: {} })
      if (checkoutUrl === null) throw new Error(`payment ${payment.paymentId} is over`)
      return { ...payment, checkoutUrl }
    },

    cancel: (reference: string, body: { reason?: string; refund?: RefundChoice } = {}, key?: string) =>
      send('POST', `/v1/bookings/${reference}/cancel`, body, key),

    refund: (
      reference: string,
      body: { amount?: number; cancelBooking?: boolean; reason?: string } = {},
      key?: string,
    ) => send('POST', `/v1/bookings/${reference}/refunds`, { reason: 'A leaking roof', ...body }, key),

    changeStatus: (reference: string, status: BookingStatus, reason = 'Said so at the counter', key?: string) =>
      send('POST', `/v1/bookings/${reference}/status`, { status, reason }, key),

    tickets: async (reference: string): Promise<readonly TicketView[]> =>
      (await client.call('listTickets', { params: { reference } })).items,

    /** Scans a ticket at a gate; by default as a new scan. */
    scan: (ticket: Pick<TicketView, 'token'>, { gate = 'Main door', nonce = randomUUID() as string } = {}) =>
      send('POST', '/v1/check-ins', { token: ticket.token, nonce, gate }),

    /** Returns the audit of a booking and of everything that belongs to it, oldest first. */
    audit: async (reference: string) =>
      (await Array.fromAsync(client.items('listAudit', { query: { entity: `booking:${reference}` } }))).toReversed(),

    seatsTaken: (id: string) => client.call('getShowtimeAvailability', { params: { id } }),
    ticketsLeft: (id: string) => client.call('getEventAvailability', { params: { id } }),
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

/** Returns the provider's status of the checkout: `open`, `completed`, `cancelled`, … */
export async function checkoutStatus(checkoutUrl: string): Promise<string> {
  const response = await fetch(checkoutUrl, { headers: { accept: 'application/json' } })
  const { status } = (await response.json()) as { status: string }
  return status
}

function requestBody(selection: Selection): BookingRequestBody {
  const { promoCode, email = `${randomUUID()}@example.org` } = selection
  return {
    ...('seats' in selection
      ? { resource: { type: 'showtime', id: selection.showtimeId }, seats: [...selection.seats] }
      : { resource: { type: 'event', id: selection.eventId }, tickets: [...selection.tickets] }),
    ...(promoCode !== undefined && { promoCode }),
    customer: { name: 'Ada Lovelace', email },
  }
}
