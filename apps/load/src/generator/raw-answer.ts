import type { TicketSale } from '../catalogue/hall.ts'

/** Returns whether this is a whole answer of HTTP/1.1 with a `Content-Length`. */
export function isWholeAnswer(received: string): boolean {
  const head = received.indexOf('\r\n\r\n')
  if (head === -1) return false
  const length = /\r\ncontent-length: (\d+)\r\n/i.exec(received.slice(0, head + 2))?.[1]
  return received.length - head - 4 >= Number(length ?? 0)
}

/** Returns a booking request for two tickets as it goes over the wire. Its sender waits for the outcome for `waitS` seconds. */
export function rawBookingRequest(token: string, { eventId, ticketTypeId }: TicketSale, waitS: number): string {
  const body = JSON.stringify({
    resource: { type: 'event', id: eventId },
    tickets: [{ ticketTypeId, quantity: 2 }],
    customer: { name: 'Ada Lovelace', email: 'ada@example.org' },
  })
  return [
    'POST /v1/booking-requests HTTP/1.1',
    'Host: 127.0.0.1',
    `Authorization: Bearer ${token}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...(waitS > 0 ? [`Prefer: wait=${waitS}`] : []),
    '',
    body,
  ].join('\r\n')
}
