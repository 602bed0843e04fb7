import type { Pool } from 'undici'

export interface AcceptedRequest {
  readonly id: string
  readonly token: string
}

const AT_ONCE = 100

/** Puts `count` requests into the line, each with the next of `tokens`, without waiting for outcomes. */
export async function acceptRequests(
  pool: Pool,
  tokens: readonly string[],
  count: number,
  bodyOf: (index: number) => object,
): Promise<AcceptedRequest[]> {
  const accepted: AcceptedRequest[] = []
  let next = 0
  const client = async () => {
    for (let index = next++; index < count; index = next++) {
      const token = tokens[index % tokens.length] ?? ''
      const customer = { name: 'Ada Lovelace', email: `buyer-${index}@example.org` }
      const { statusCode, body } = await pool.request({
        method: 'POST',
        path: '/v1/booking-requests',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ ...bodyOf(index), customer }),
      })
      const answer = (await body.json()) as { id?: string }
      if (statusCode !== 202 || answer.id === undefined) throw new Error(`a request was answered ${statusCode}`)
      accepted.push({ id: answer.id, token })
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, client))
  return accepted
}

export const ticketsOf = ({ eventId, ticketTypeId }: { eventId: string; ticketTypeId: string }, quantity: number) => ({
  resource: { type: 'event', id: eventId },
  tickets: [{ ticketTypeId, quantity }],
})
