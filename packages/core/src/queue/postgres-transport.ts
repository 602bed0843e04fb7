import { setTimeout as delay } from 'node:timers/promises'
import {
  createPostgresBackend,
  type DefaultJobOptions,
  type PgPool,
  type Processor,
  type Queue,
  runMigrations,
  type Telemetry,
  withBackend,
  type Worker,
} from 'bullmq'
import pg from 'pg'
import { laneName } from '../domain/lane.ts'
import type { Logger } from '../runtime/logger.ts'
import { decideProcessor, maintenanceProcessor } from './consumer.ts'
import { DECIDE_JOB_OPTIONS, DECIDE_WORKER_OPTIONS, MAINTENANCE_JOB_OPTIONS } from './job-options.ts'
import { jobName } from './job-name.ts'
import { MAINTENANCE_QUEUE, schedule } from './maintenance-queue.ts'
import { sentJob, type Signal } from './payloads.ts'
import { patientConsumer } from './patient-consumer.ts'
import { queueConnections } from './postgres-connections.ts'
import { listenForSignals } from './postgres-listener.ts'
import { receiveSignal } from './receive-signal.ts'
import type { Transport } from './transport.ts'
import { within } from '../runtime/within.ts'

const { Queue: PostgresQueue, Worker: PostgresWorker } = withBackend(createPostgresBackend)

const SCHEMA = 'bullmq'
const CHANNEL = 'boxoffice_signals'
const COMMAND_TIMEOUT_MS = 2_000

const COUNT_WAITING = `select count(*)::int as count from job where queue = $1 and state = 'waiting'`

/** Minimum duration of a worker's failed query. */
const PAUSE_AFTER_ERROR_MS = 250

/** PostgreSQL refuses a NOTIFY of 8,000 bytes and more. */
const MAX_NOTIFICATION_BYTES = 7_900

export interface PostgresTransportOptions {
  readonly url: string
  /** Number of lanes that this process may consume: each holds one connection to listen. */
  readonly lanes: number
  readonly logger: Logger
  /** Carries traces from whoever adds a job to whoever does it. */
  readonly telemetry?: Telemetry | undefined
}

/**
 * Opens BullMQ on its PostgreSQL backend, with signals by LISTEN/NOTIFY. For trying the product and for small houses.
 */
export async function openPostgresTransport(options: PostgresTransportOptions): Promise<Transport> {
  const { url, lanes, logger } = options
  const traced = options.telemetry === undefined ? {} : { telemetry: options.telemetry }
  // One small pool for all queues of the process: BullMQ's own pools would hold several connections per lane.
  const pool = new pg.Pool({
    connectionString: url,
    application_name: 'boxoffice-queue',
    max: queueConnections(lanes),
    keepAlive: true,
    connectionTimeoutMillis: 5_000,
    options: `-c search_path=${SCHEMA}`,
  })
  pool.on('error', (error) => logger.warn({ err: error }, 'idle queue connection lost'))
  // Every queue and worker listens for the pool's errors too.
  pool.setMaxListeners(0)
  // The pool does not listen to a connection that it has handed out, and neither does BullMQ while it connects: unheard,
  // the loss of that connection would end the process. Whoever uses it learns of it from its query.
  pool.on('connect', (connected) =>
    connected.on('error', (error) => logger.debug({ err: error }, 'queue connection lost')),
  )
  const client = await pool.connect()
  try {
    await runMigrations(client, SCHEMA)
  } finally {
    client.release()
  }

  // BullMQ describes the part of pg.Pool it uses with types of its own, which pg's overloads do not match to the letter.
  const connection = pool as unknown as PgPool
  const patientConnection = failingSlowly(pool) as unknown as PgPool
  const queues = new Map<string, Queue>()
  const closers: (() => Promise<void>)[] = []

  const openQueue = (name: string, defaultJobOptions: DefaultJobOptions): Queue => {
    let open = queues.get(name)
    if (open === undefined) {
      const fresh = new PostgresQueue(name, { ...traced, connection, defaultJobOptions }) as unknown as Queue
      fresh.on('error', (error) => logger.warn({ err: error, queue: name }, 'queue error'))
      // BullMQ remembers a first connection that failed: such a queue would never work.
      fresh.waitUntilReady().catch(() => queues.delete(name))
      queues.set(name, fresh)
      open = fresh
    }
    return open
  }
  const queue = (lane: number) => openQueue(laneName(lane), DECIDE_JOB_OPTIONS)
  const maintenanceQueue = () => openQueue(MAINTENANCE_QUEUE, MAINTENANCE_JOB_OPTIONS)
  const consume = (name: string, processor: Processor, concurrency: number) => {
    const make = () =>
      new PostgresWorker(name, processor, {
        ...DECIDE_WORKER_OPTIONS,
        ...traced,
        concurrency,
        connection: patientConnection,
        autorun: false,
      })
    return patientConsumer(() => make() as unknown as Worker, logger)
  }

  return {
    kind: 'postgres',
    // One process serves the embedded mode, so its own memory is all the cache there is to share.
    availability: { get: () => Promise.resolve(null), setIfNewer: () => Promise.resolve() },
    queue,
    maintenanceQueue,
    notify: async (lane, job) => {
      await within(COMMAND_TIMEOUT_MS, 'adding a job', queue(lane).add(jobName(job), sentJob(lane, job)))
    },
    // Asked of BullMQ's table itself: a queue that is opened stays open, and most lanes that are asked for are nobody's.
    waiting: async (lane) => {
      const counted = pool.query<{ count: number }>(COUNT_WAITING, [laneName(lane)])
      const { rows } = await within(COMMAND_TIMEOUT_MS, 'counting jobs', counted)
      return rows[0]?.count ?? 0
    },
    publish: async (signal) => {
      for (const message of narrow(signal)) {
        await within(
          COMMAND_TIMEOUT_MS,
          'publishing a signal',
          pool.query('select pg_notify($1, $2)', [CHANNEL, message]),
        )
      }
    },
    subscribe: async ({ onSignal, onGap }) => {
      const listener = await listenForSignals({
        url,
        channel: CHANNEL,
        logger,
        onGap,
        onMessage: (message) => {
          const signal = receiveSignal(message, logger)
          if (signal !== null) onSignal(signal)
        },
      })
      closers.push(listener.close)
    },
    work: (lane, handle) => consume(laneName(lane), decideProcessor(logger, handle), DECIDE_WORKER_OPTIONS.concurrency),
    schedule: (tasks) => schedule(maintenanceQueue(), tasks),
    maintain: (concurrency, handle) => consume(MAINTENANCE_QUEUE, maintenanceProcessor(logger, handle), concurrency),
    close: async () => {
      for (const open of queues.values()) {
        await within(1_000, 'closing a queue', open.close()).catch((error: unknown) =>
          logger.debug({ err: error }, 'queue abandoned'),
        )
      }
      for (const close of closers) {
        await within(1_000, 'closing the signal connection', close()).catch((error: unknown) =>
          logger.debug({ err: error }, 'signal connection abandoned'),
        )
      }
      await within(2_000, 'closing the queue pool', pool.end()).catch((error: unknown) =>
        logger.debug({ err: error }, 'queue pool abandoned'),
      )
    },
  }
}

/**
 * Returns the pool for workers. After most errors BullMQ's worker asks again at once: while a server starts up, that
 * would be thousands of times a second.
 */
function failingSlowly(pool: pg.Pool): pg.Pool {
  const slowly = async (error: unknown): Promise<never> => {
    await delay(PAUSE_AFTER_ERROR_MS)
    throw error
  }
  const connect = () => pool.connect().catch(slowly)
  const query = (text: string, values?: unknown[]) => pool.query(text, values).catch(slowly)
  return new Proxy(pool, {
    get: (target, key) => {
      if (key === 'connect') return connect
      if (key === 'query') return query
      const value: unknown = Reflect.get(target, key, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

/** Returns the signal without outcomes, spread over as many messages as NOTIFY's limit requires. */
export function narrow({ v, lines, early, versions }: Signal): string[] {
  const whole = JSON.stringify({ v, ...(lines && { lines }), ...(early && { early }), versions } satisfies Signal)
  if (Buffer.byteLength(whole) <= MAX_NOTIFICATION_BYTES) return [whole]
  const messages: string[] = []
  for (const part of chunks(early ?? []))
    messages.push(JSON.stringify({ v, lines: [], early: part, versions: {} } satisfies Signal))
  for (const part of chunks(lines ?? []))
    messages.push(JSON.stringify({ v, lines: part, versions: {} } satisfies Signal))
  for (const part of chunks(Object.entries(versions))) {
    messages.push(JSON.stringify({ v, versions: Object.fromEntries(part) } satisfies Signal))
  }
  return messages
}

/** An entry is a UUID, a number and punctuation: 80 bytes at the most. */
const ENTRIES_OF_A_MESSAGE = Math.floor((MAX_NOTIFICATION_BYTES - 200) / 80)

function* chunks<T>(entries: readonly T[]): Generator<readonly T[]> {
  for (let at = 0; at < entries.length; at += ENTRIES_OF_A_MESSAGE) yield entries.slice(at, at + ENTRIES_OF_A_MESSAGE)
}
