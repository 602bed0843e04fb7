import { createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { Webhook } from 'standardwebhooks'
import { z } from 'zod'
import { listenOnLoopback } from './loopback-server.ts'

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
  readonly url: string
  /** Sets the secret that events are signed with. Must be called before the first event. */
  expectSecret(secret: string): void
  /** Returns the events that were answered 200, in the order of arrival, without repeats of the same event. */
  events(entityId: string): readonly DeliveredEvent[]
  /** Returns the ids of the deliveries that were answered 500. */
  refused(entityId: string): readonly string[]
  /** The faults of deliveries: signatures, times, bodies. */
  readonly complaints: readonly string[]
  close(): Promise<void>
}

/**
 * Receives outgoing events as a shop would, with the library of Standard Webhooks. The first `refuseFirst` deliveries
 * about each booking are answered 500.
 */
export async function openEventReceiver({ refuseFirst = 0 } = {}): Promise<EventReceiver> {
  let verifier: Webhook | undefined
  const accepted: DeliveredEvent[] = []
  const refusals: DeliveredEvent[] = []
  const complaints: string[] = []
  const known = new Set<string>()
  const about = (events: readonly DeliveredEvent[], id: string) => events.filter(({ entityId }) => entityId === id)

  const receive = async (request: IncomingMessage): Promise<number> => {
    const raw = await buffer(request)
    const event = readEvent(raw, request.headers, verifier)
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
  })
  const { url, close } = await listenOnLoopback(server)
  return {
    url: `${url}/events`,
    expectSecret: (secret) => {
      verifier = new Webhook(secret)
    },
    events: (entityId) => about(accepted, entityId),
    refused: (entityId) => about(refusals, entityId).map(({ id }) => id),
    complaints,
    close,
  }
}

/** Returns the event, or a sentence that says what is wrong with it. */
function readEvent(raw: Buffer, headers: IncomingHttpHeaders, verifier: Webhook | undefined): DeliveredEvent | string {
  if (verifier === undefined) return 'an event came before anybody knew the secret'
  const texts = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))
  const id = texts['webhook-id'] ?? ''
  try {
    verifier.verify(raw, texts)
  } catch (error) {
    return `${id}: ${String(error)}`
  }
  const { success, data, error } = bodySchema.safeParse(JSON.parse(raw.toString()))
  return success ? { id, ...data } : `${id}: ${z.prettifyError(error)}`
}
