import { randomUUID } from 'node:crypto'
import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { buffer } from 'node:stream/consumers'
import { TLSSocket } from 'node:tls'
import { Webhook } from 'standardwebhooks'
import type { Database } from '@boxoffice/core/db/connect.ts'
import { findWebhookSecret } from '@boxoffice/core/webhooks/queries/webhook-endpoint-view.ts'
import { inTransaction } from '@boxoffice/core/db/transaction.ts'
import { recordChanges } from '@boxoffice/core/records/record-changes.ts'
import { createEndpoint } from '@boxoffice/core/webhooks/create-endpoint.ts'
import { anyDestination } from '@boxoffice/core/webhooks/destination.ts'
import { type PosterOptions, WebhookPoster } from '@boxoffice/core/webhooks/poster.ts'
import { givenOrganizer } from '../support/catalogue.ts'
import type { Identity } from '../support/certificates.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { listenOnLoopback } from '../support/loopback-server.ts'
import { SYSTEM } from '@boxoffice/core/records/cause.ts'
import { publishOutgoingEvents } from '@boxoffice/core/outbox/publish-outgoing-events.ts'
import { openWebhookSender, type WebhookSender } from '@boxoffice/core/webhooks/webhook-sender.ts'
import { testLogger } from '../support/logger.ts'
import { shared } from '../support/shared.ts'

export interface Received {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly raw: Buffer
  /** The server name that a TLS connection asked for; `null` for none. */
  readonly serverName: string | null
}

export interface Receiver {
  readonly url: string
  readonly port: number
  /** Everything received, in the order of arrival. */
  readonly received: Received[]
  /** Returns a status, or `null` for no answer at all; 204 by default. */
  answer: (received: Received, nth: number) => number | null | Promise<number | null>
  close(): Promise<void>
}

/**
 * Opens a receiver on the loopback, over https with an `identity`. Each received request keeps its path, so that a test
 * can tell posts to other paths than `/` apart.
 */
export async function openReceiver(host = '127.0.0.1', port = 0, identity?: Identity): Promise<Receiver> {
  const received: Received[] = []
  const listener: RequestListener = (request, response) => {
    const take = async () => {
      const { socket } = request
      const asked = socket instanceof TLSSocket ? socket.servername : null
      const serverName = typeof asked === 'string' ? asked : null
      const one = { path: request.url ?? '', headers: request.headers, raw: await buffer(request), serverName }
      received.push(one)
      const status = await receiver.answer(one, received.length)
      if (status !== null) response.writeHead(status, status === 302 ? { Location: '/elsewhere' } : {}).end()
    }
    take().catch(() => response.destroy())
  }
  const server = identity === undefined ? createServer(listener) : createTlsServer({ ...identity }, listener)
  const { url, port: bound, close } = await listenOnLoopback(server, host, port)
  const receiver: Receiver = {
    url: identity === undefined ? url : url.replace('http:', 'https:'),
    port: bound,
    received,
    answer: () => 204,
    close,
  }
  return receiver
}

/**
 * Returns the event as a shop gets it that uses the library of Standard Webhooks. Throws if it is not signed with
 * `secret`.
 */
export function verified({ headers, raw }: Received, secret: string): unknown {
  const texts = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))
  return new Webhook(secret).verify(raw, texts)
}

export interface Stage {
  readonly db: TestDatabase
  readonly organizerId: string
  /** Registers an endpoint, by default of `stage.organizerId`; returns its id. */
  endpoint(url: string, eventTypes?: readonly string[], owner?: string | null): Promise<string>
  secretOf(endpointId: string): Promise<string>
  /** Records `count` events of one thing and publishes them; returns the thing's id. */
  events(count: number, type?: RecordedType): Promise<string>
  /** Opens one process' part of the work, which `sendDue` runs. */
  sender(options?: {
    readonly database?: Database
    readonly leaseMs?: number
    /** Posts anywhere, with 10 seconds, by default. */
    readonly posting?: Partial<PosterOptions>
  }): WebhookSender
  /** Makes failed deliveries due again, and ends the leases of dead senders. */
  letTimePass(): Promise<void>
  statuses(endpointId: string): Promise<Readonly<Record<string, number>>>
  /** Removes all endpoints and waiting deliveries. */
  reset(): Promise<void>
  close(): Promise<void>
}

async function openStage(): Promise<Stage> {
  const db = await createTestDatabase()
  const { database } = db
  const { organizerId } = await givenOrganizer(database)
  const posters: WebhookPoster[] = []
  const senders: WebhookSender[] = []
  const end = async () => {
    await Promise.all(senders.splice(0).map((sender) => sender.stop(10_000)))
    await Promise.all(posters.splice(0).map((poster) => poster.close()))
  }
  return {
    db,
    organizerId,
    endpoint: async (url, eventTypes = ['venue.*'], owner = organizerId) => {
      const terms = {
        organizerId: owner,
        url,
        description: '',
        eventTypes: [...eventTypes],
        actor: 'test',
        requestId: null,
        keyed: null,
      }
      return (await createEndpoint(database, terms)).id
    },
    secretOf: async (endpointId) => (await findWebhookSecret(database.pool, endpointId, null))?.secret ?? '',
    events: async (count, type = 'venue.updated') => {
      const entityId = randomUUID()
      await recordEvents(database, organizerId, entityId, count, type)
      await publishOutgoingEvents(database)
      return entityId
    },
    sender: ({ database: own = database, leaseMs, posting } = {}) => {
      const poster = new WebhookPoster({ destinations: anyDestination(), ...posting })
      const sender = openWebhookSender({
        database: own,
        poster,
        logger: testLogger,
        ...(leaseMs !== undefined && { leaseMs }),
      })
      posters.push(poster)
      senders.push(sender)
      return sender
    },
    letTimePass: async () => {
      await database.pool.query(
        `update webhook_deliveries set next_attempt_at = now() where next_attempt_at is not null`,
      )
    },
    statuses: async (endpointId) => {
      const { rows } = await database.pool.query<{ status: string; count: number }>(
        'select status, count(*)::int as count from webhook_deliveries where endpoint_id = $1 group by 1',
        [endpointId],
      )
      return Object.fromEntries(rows.map(({ status, count }) => [status, count]))
    },
    reset: async () => {
      await end()
      await database.pool.query('truncate webhook_attempts, webhook_deliveries, webhook_endpoints')
    },
    close: async () => {
      await end()
      await db.drop()
    },
  }
}

type RecordedType = 'venue.updated' | 'movie.updated'

/** Returns a stage that the tests of a file share. */
export function sharedStage(): Stage {
  return shared(openStage, (stage) => stage.close())
}

/** Records each event in a transaction of its own; their names number them from 1. */
export async function recordEvents(
  database: Database,
  organizerId: string,
  entityId: string,
  count: number,
  type: RecordedType = 'venue.updated',
): Promise<void> {
  for (let n = 1; n <= count; n++) {
    const after = type === 'venue.updated' ? { name: String(n) } : { title: String(n) }
    await inTransaction(database, (tx) => recordChanges(tx, SYSTEM, [{ organizerId, type, entityId, after }]))
  }
}

/** Sends deliveries until nothing more is due. */
export async function sendDue(sender: WebhookSender): Promise<void> {
  while (await sender.look()) await sender.settled()
}

export function seqsOf(received: readonly Received[], entityId: string): number[] {
  return received
    .map(({ raw }) => JSON.parse(raw.toString()) as { entityId: string; seq: number })
    .filter((event) => event.entityId === entityId)
    .map(({ seq }) => seq)
}
