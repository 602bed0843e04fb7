import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { z } from 'zod'

const bodySchema = z.object({
  type: z.string(),
  timestamp: z.iso.datetime(),
  organizerId: z.uuid(),
  entityId: z.uuid(),
  seq: z.int().positive(),
  data: z.record(z.string(), z.unknown()),
})

export interface DeliveredEvent extends z.infer<typeof bodySchema> {
  readonly id: string
}

export interface EventReceiver {
  /** For EVENTS_URL and EVENTS_SECRET. */
  readonly environment: { readonly EVENTS_URL: string; readonly EVENTS_SECRET: string }
  /** What was answered 200, in the order of arrival; the same event again is left out. */
  events(entityId: string): readonly DeliveredEvent[]
  /** The ids of the deliveries that were answered 500. */
  refused(entityId: string): readonly string[]
  /** What was wrong with deliveries: signatures, times, bodies. */
  readonly complaints: readonly string[]
  close(): Promise<void>
}

const MAX_AGE_S = 300

/**
 * Receives outgoing events as a shop would (Standard Webhooks 1.0.0). The first `refuseFirst` deliveries about each
 * booking are answered 500.
 */
export async function openEventReceiver({ refuseFirst = 0 } = {}): Promise<EventReceiver> {
  const secret = randomBytes(32)
  const accepted: DeliveredEvent[] = []
  const refusals: DeliveredEvent[] = []
  const complaints: string[] = []
  const known = new Set<string>()
  const about = (events: readonly DeliveredEvent[], id: string) => events.filter(({ entityId }) => entityId === id)

  const receive = async (request: IncomingMessage): Promise<number> => {
    const raw = await buffer(request)
    const event = readEvent(raw, request.headers, secret)
    if (typeof event === 'string') {
      complaints.push(event)
      return 400
    }
    if (about(refusals, event.entityId).length < refuseFirst) {
      refusals.push(event)
      return 500
    }
    if (!known.has(event.id)) accepted.push(event)
    known.add(event.id)
    return 200
  }
  const server = createServer((request, response) => {
    receive(request).then(
      (status) => response.writeHead(status).end(),
      (error: unknown) => {
        complaints.push(String(error))
        response.destroy()
      },
    )
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    environment: {
      EVENTS_URL: `http://127.0.0.1:${port}/events`,
      EVENTS_SECRET: `whsec_${secret.toString('base64')}`,
    },
    events: (entityId) => about(accepted, entityId),
    refused: (entityId) => about(refusals, entityId).map(({ id }) => id),
    complaints,
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** The event, or what is wrong with it. */
function readEvent(raw: Buffer, headers: IncomingHttpHeaders, secret: Buffer): DeliveredEvent | string {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature } = headers
  if (typeof id !== 'string' || typeof timestamp !== 'string' || typeof signature !== 'string') {
    return `the headers of Standard Webhooks are not all there: ${Object.keys(headers).join(', ')}`
  }
  const signed = createHmac('sha256', secret).update(`${id}.${timestamp}.`).update(raw).digest()
  const given = Buffer.from(/^v1,(.+)$/.exec(signature)?.[1] ?? '', 'base64')
  if (given.length !== signed.length || !timingSafeEqual(given, signed)) return `the signature of ${id} is wrong`
  if (Math.abs(Date.now() / 1_000 - Number(timestamp)) > MAX_AGE_S) return `${id} is of ${timestamp}`
  const { success, data, error } = bodySchema.safeParse(JSON.parse(raw.toString()))
  return success ? { id, ...data } : `${id}: ${z.prettifyError(error)}`
}
