import { randomUUID } from 'node:crypto'
import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { buffer } from 'node:stream/consumers'
import { TLSSocket } from 'node:tls'
import { Webhook } from 'standardwebhooks'
import type { Database } from '@boxoffice/core/db/connect.ts'
import { findWebhookSecret } from '@boxoffice/core/webhooks/queries/webhook-endpoint-view.ts'
import type { EventFamily } from '@boxoffice/core/domain/entities.ts'
import { inTransaction } from '@boxoffice/core/db/transaction.ts'
import { recordChanges } from '@boxoffice/core/records/record-changes.ts'
import { publishEvents } from '@boxoffice/core/outbox/publish-events.ts'
import { WebhookCourier } from '@boxoffice/core/webhooks/courier.ts'
import { createEndpoint } from '@boxoffice/core/webhooks/create-endpoint.ts'
import { anyDestination } from '@boxoffice/core/webhooks/destination.ts'
import { type PosterOptions, WebhookPoster } from '@boxoffice/core/webhooks/poster.ts'
import { givenOrganizer } from '../support/catalogue.ts'
import type { Identity } from '../support/certificates.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { silent } from '../support/engine.ts'
import { listenOnLoopback } from '../support/loopback-server.ts'

export interface Received {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly raw: Buffer
  /** Over TLS: which name the connection asked for; `null` for none. */
  readonly serverName: string | null
}

export interface Receiver {
  readonly url: string
  readonly port: number
  /** Everything that came, in the order of arrival. */
  readonly received: Received[]
  /** A status, or `null` for no answer at all; 204 unless set. */
  answer: (received: Received, nth: number) => number | null | Promise<number | null>
  close(): Promise<void>
}

/**
 * A receiver on the loopback, over https with an `identity`; what is posted to other paths than `/` is told apart by them.
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

/** The event, as a shop that uses the library of Standard Webhooks gets it; throws for what is not signed with `secret`. */
export function verified({ headers, raw }: Received, secret: string): unknown {
  const texts = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))
  return new Webhook(secret).verify(raw, texts)
}

export interface Stage {
  readonly db: TestDatabase
  readonly organizerId: string
  /** Registers an endpoint, of `stage.organizerId` unless given; returns its id. */
  endpoint(url: string, eventTypes?: readonly string[], owner?: string | null): Promise<string>
  secretOf(endpointId: string): Promise<string>
  /** Records `count` events of one thing and publishes them; returns the thing's id. */
  events(count: number, entity?: EventFamily): Promise<string>
  /** One process' part of the work, to be run by `drain`. */
  courier(options?: {
    readonly database?: Database
    readonly leaseMs?: number
    /** Anywhere, and 10 seconds, unless given. */
    readonly posting?: Partial<PosterOptions>
  }): WebhookCourier
  /** What failed is due again, and what died has lost its lease. */
  letTimePass(): Promise<void>
  statuses(endpointId: string): Promise<Readonly<Record<string, number>>>
  /** Lets nothing be registered or waiting any more. */
  reset(): Promise<void>
  close(): Promise<void>
}

export async function openStage(): Promise<Stage> {
  const db = await createTestDatabase()
  const { database } = db
  const { organizerId } = await givenOrganizer(database)
  const posters: WebhookPoster[] = []
  const couriers: WebhookCourier[] = []
  const end = async () => {
    await Promise.all(couriers.splice(0).map((courier) => courier.stop()))
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
        keyed: null,
      }
      return (await createEndpoint(database, terms)).id
    },
    secretOf: async (endpointId) => (await findWebhookSecret(database.pool, endpointId, null))?.secret ?? '',
    events: async (count, entity = 'venue') => {
      const entityId = randomUUID()
      await recordEvents(database, organizerId, entityId, count, entity)
      await publishEvents(database)
      return entityId
    },
    courier: ({ database: own = database, leaseMs, posting } = {}) => {
      const poster = new WebhookPoster({ destinations: anyDestination(), ...posting })
      const courier = new WebhookCourier({
        database: own,
        poster,
        logger: silent,
        ...(leaseMs !== undefined && { leaseMs }),
      })
      posters.push(poster)
      couriers.push(courier)
      return courier
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

/** One transaction for each event, numbered `n` from 1. */
export async function recordEvents(
  database: Database,
  organizerId: string,
  entityId: string,
  count: number,
  entity: EventFamily = 'venue',
): Promise<void> {
  for (let n = 1; n <= count; n++) {
    await inTransaction(database, (tx) =>
      recordChanges(tx, { actor: 'test' }, [
        { organizerId, entity, entityId, what: 'updated', before: null, after: { n } },
      ]),
    )
  }
}

/** Looks and sends until nothing more is due. */
export async function drain(courier: WebhookCourier): Promise<void> {
  while (await courier.look()) await courier.settled()
}

export function seqsOf(received: readonly Received[], entityId: string): number[] {
  return received
    .map(({ raw }) => JSON.parse(raw.toString()) as { entityId: string; seq: number })
    .filter((event) => event.entityId === entityId)
    .map(({ seq }) => seq)
}
