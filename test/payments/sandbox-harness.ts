import { createServer, type IncomingMessage } from 'node:http'
import type { Database } from '@boxoffice/core/db/connect.ts'
import type { Checkout, CheckoutOrder, PaymentProvider } from '@boxoffice/core/payments/provider.ts'
import {
  openSandboxSender,
  type SandboxSender,
  type SandboxSenderOptions,
} from '@boxoffice/core/payments/sandbox/sandbox-sender.ts'
import { playCheckout, type PlayResult } from '@boxoffice/core/payments/sandbox/play-checkout.ts'
import { sandboxPlaySchema } from '@boxoffice/core/payments/sandbox/plays.ts'
import { createSandboxProvider } from '@boxoffice/core/payments/sandbox/sandbox-provider.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { testLogger } from '../support/logger.ts'
import { shared } from '../support/shared.ts'
import { orderOf, type SentWebhook } from './provider-contract.ts'
import { listenOnLoopback } from '../support/loopback-server.ts'

export const WEBHOOK_SECRET = 'the secret that the sandbox signs with'

/** The status that a receiver answers; by default 204 at once. */
type Answer = (webhook: SentWebhook) => number | Promise<number>

interface Receiver {
  readonly url: string
  /** The webhooks in the order in which they arrived, refused ones too. */
  readonly received: SentWebhook[]
  answer: Answer
  close(): Promise<void>
}

/** Opens Boxoffice's end of the webhooks: a real HTTP server that remembers what it received. */
async function openReceiver(): Promise<Receiver> {
  const received: SentWebhook[] = []
  const server = createServer((request, response) => {
    void readAll(request).then(async (body) => {
      const webhook = { body, headers: request.headers }
      received.push(webhook)
      response.statusCode = await receiver.answer(webhook)
      response.end()
    })
  })
  const { url, close } = await listenOnLoopback(server)
  const receiver: Receiver = {
    url: `${url}/v1/payment-webhooks/sandbox`,
    received,
    answer: () => 204,
    close,
  }
  return receiver
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks)
}

/** The sandbox on a database of its own, with a receiver for its webhooks. No sender runs until one is started. */
export interface Sandbox {
  readonly db: TestDatabase
  readonly provider: PaymentProvider
  readonly receiver: Receiver
  begin(changes?: Partial<CheckoutOrder>): Promise<{ readonly order: CheckoutOrder; readonly checkout: Checkout }>
  /** Plays `{action, …}`, as it comes from a form. */
  play(checkout: Pick<Checkout, 'providerReference'>, action: string, details?: object): Promise<PlayResult>
  startSender(options?: Partial<SandboxSenderOptions>): SandboxSender
  /** Waits until no webhook is left to be sent. */
  settled(): Promise<void>
  close(): Promise<void>
}

export async function openSandbox(): Promise<Sandbox> {
  const db = await createTestDatabase()
  const receiver = await openReceiver()
  const { database } = db
  const provider = createSandboxProvider({
    database,
    publicUrl: () => 'http://pay.example',
    webhookSecret: WEBHOOK_SECRET,
  })
  const senders: SandboxSender[] = []
  return {
    db,
    provider,
    receiver,
    begin: async (changes) => {
      const order = orderOf(changes)
      return { order, checkout: await provider.createCheckout(order) }
    },
    play: ({ providerReference }, action, details = {}) =>
      playCheckout(database, providerReference, sandboxPlaySchema.parse({ action, ...details })),
    startSender: (options = {}) => {
      const sender = openSandboxSender({
        database,
        webhookUrl: () => receiver.url,
        webhookSecret: WEBHOOK_SECRET,
        logger: testLogger,
        ...options,
      })
      senders.push(sender)
      sender.start()
      return sender
    },
    settled: () => eventually(() => refuseUndelivered(database), { everyMs: 10 }),
    close: async () => {
      await Promise.all(senders.map((sender) => sender.stop(10_000)))
      await receiver.close()
      await db.drop()
    },
  }
}

/** Returns a sandbox that the tests of a file share. */
export function sharedSandbox(): Sandbox {
  return shared(openSandbox, (sandbox) => sandbox.close())
}

async function refuseUndelivered({ pool }: Database): Promise<void> {
  const { rows } = await pool.query('select event_id from sandbox_deliveries where delivered_at is null')
  if (rows.length > 0) throw new Error(`${rows.length} webhooks are not delivered yet`)
}

/** Returns a webhook's body, parsed without the provider. */
export const bodyOf = ({ body }: SentWebhook) => JSON.parse(body.toString()) as Readonly<Record<string, unknown>>
