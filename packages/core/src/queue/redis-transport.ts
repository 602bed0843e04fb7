import { type DefaultJobOptions, Queue, type Telemetry, Worker } from 'bullmq'
import type { Cluster, Redis } from 'ioredis'
import { laneName } from '../domain/lane.ts'
import type { Logger } from '../runtime/logger.ts'
import { decideProcessor, laneConsumer, maintenanceProcessor } from './consumer.ts'
import { DECIDE_JOB_OPTIONS, DECIDE_WORKER_OPTIONS, MAINTENANCE_JOB_OPTIONS } from './job-options.ts'
import { jobName } from './job-name.ts'
import { MAINTENANCE_QUEUE, schedule } from './maintenance-queue.ts'
import { outageLog } from './outage-log.ts'
import { sentJob } from './payloads.ts'
import { receiveSignal } from './receive-signal.ts'
import { connectRedis, type RedisConnectionOptions, type RedisTarget } from '../settings/redis-url.ts'
import type { SharedCache, Transport } from './transport.ts'
import { within } from '../runtime/within.ts'

const COMMAND_TIMEOUT_MS = 2_000

/** Availability is rebuilt in milliseconds; the expiry only keeps the memory of past showtimes from piling up. */
const AVAILABILITY_TTL_S = 600

/** Stores `body` unless a newer version is there. KEYS: cache entry; ARGV: version, body, seconds to live. */
const SET_IF_NEWER = `
local stored = redis.call('HGET', KEYS[1], 'version')
if stored and tonumber(stored) >= tonumber(ARGV[1]) then return 0 end
redis.call('HSET', KEYS[1], 'version', ARGV[1], 'body', ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[3])
return 1`

export interface RedisTransportOptions {
  readonly target: RedisTarget
  /** First part of every key and channel. */
  readonly namespace: string
  readonly logger: Logger
  /** Carries traces from whoever adds a job to whoever does it. */
  readonly telemetry?: Telemetry | undefined
}

/**
 * Opens BullMQ on Redis, with signals by pub/sub. Rejects if Redis does not answer at the start; later outages are
 * survived.
 */
export async function openRedisTransport(options: RedisTransportOptions): Promise<Transport> {
  const { target, namespace, logger } = options
  const traced = options.telemetry === undefined ? {} : { telemetry: options.telemetry }
  const channel = `${namespace}:signals`
  const connections: (Redis | Cluster)[] = []
  const queues = new Map<string, Queue>()

  const connect = (role: string, patience: Omit<RedisConnectionOptions, 'connectionName' | 'connectTimeout'>) => {
    const connection = connectRedis(target, {
      connectionName: `boxoffice-${role}`,
      connectTimeout: 3_000,
      ...patience,
    })
    connection.on('error', outageLog(logger, { role }, 'redis connection error'))
    connections.push(connection)
    return connection
  }

  // A hung Redis must not be felt by clients: commands fail fast and nothing is buffered while it is away.
  const commands = connect('commands', {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    commandTimeout: COMMAND_TIMEOUT_MS,
  })
  try {
    await within(5_000, 'connecting to Redis', ready(commands))
    await commands.ping()
  } catch (error) {
    for (const connection of connections) connection.disconnect()
    throw error
  }

  // BullMQ workers block in Redis and must outlive any outage, so their commands never give up.
  let consuming: Redis | Cluster | undefined
  const consumingConnection = () =>
    (consuming ??= connect('worker', { enableOfflineQueue: true, maxRetriesPerRequest: null }))

  const openQueue = (name: string, prefix: string, defaultJobOptions: DefaultJobOptions): Queue => {
    let open = queues.get(name)
    if (open === undefined) {
      const fresh = new Queue(name, {
        ...traced,
        connection: commands,
        prefix,
        defaultJobOptions,
        skipWaitingForReady: true,
        // The check asks Redis once; should that fail, BullMQ remembers it, and such a queue would never work again.
        skipVersionCheck: true,
      })
      fresh.on('error', outageLog(logger, { queue: name }, 'queue error'))
      queues.set(name, fresh)
      open = fresh
    }
    return open
  }
  const queue = (lane: number) => openQueue(laneName(lane), queuePrefix(namespace, lane), DECIDE_JOB_OPTIONS)
  const maintenancePrefix = `${namespace}:{maintenance}`
  const maintenanceQueue = () => openQueue(MAINTENANCE_QUEUE, maintenancePrefix, MAINTENANCE_JOB_OPTIONS)

  const availability: SharedCache = {
    get: async (key) => {
      try {
        const [version, body] = await commands.hmget(`${namespace}:availability:${key}`, 'version', 'body')
        return version == null || body == null ? null : { version: Number(version), body }
      } catch (error) {
        logger.debug({ err: error }, 'shared cache unavailable')
        return null
      }
    },
    setIfNewer: async (key, version, body) => {
      try {
        await commands.eval(SET_IF_NEWER, 1, `${namespace}:availability:${key}`, version, body, AVAILABILITY_TTL_S)
      } catch (error) {
        logger.debug({ err: error }, 'shared cache unavailable')
      }
    },
  }

  return {
    kind: 'redis',
    availability,
    queue,
    maintenanceQueue,
    notify: async (lane, job) => {
      await within(COMMAND_TIMEOUT_MS, 'adding a job', queue(lane).add(jobName(job), sentJob(lane, job)))
    },
    // BullMQ's list itself: a queue that is opened leaves a key behind, and most lanes that are asked for are nobody's.
    waiting: (lane) => within(COMMAND_TIMEOUT_MS, 'counting jobs', commands.llen(waitingKey(namespace, lane))),
    publish: async (signal) => {
      await within(COMMAND_TIMEOUT_MS, 'publishing a signal', commands.publish(channel, JSON.stringify(signal)))
    },
    subscribe: async ({ onSignal, onGap }) => {
      const subscriber = connect('signals', { enableOfflineQueue: true, maxRetriesPerRequest: null })
      let connectedBefore = false
      subscriber.on('ready', () => {
        if (connectedBefore) onGap()
        connectedBefore = true
      })
      subscriber.on('message', (_channel: string, message: string) => {
        const signal = receiveSignal(message, logger)
        if (signal !== null) onSignal(signal)
      })
      await within(5_000, 'subscribing to Redis', subscriber.subscribe(channel))
    },
    work: (lane, handle) => {
      const worker = new Worker(laneName(lane), decideProcessor(logger, handle), {
        ...DECIDE_WORKER_OPTIONS,
        ...traced,
        connection: consumingConnection(),
        prefix: queuePrefix(namespace, lane),
      })
      return laneConsumer(worker, logger)
    },
    schedule: (tasks) => schedule(maintenanceQueue(), tasks),
    maintain: (concurrency, handle) => {
      const worker = new Worker(MAINTENANCE_QUEUE, maintenanceProcessor(logger, handle), {
        ...DECIDE_WORKER_OPTIONS,
        ...traced,
        concurrency,
        connection: consumingConnection(),
        prefix: maintenancePrefix,
      })
      return laneConsumer(worker, logger)
    },
    close: async () => {
      for (const open of queues.values()) {
        await within(1_000, 'closing a queue', open.close()).catch((error: unknown) =>
          logger.debug({ err: error }, 'queue abandoned'),
        )
      }
      for (const connection of connections) connection.disconnect()
    },
  }
}

/**
 * Returns the prefix of a lane's keys. The hash tag keeps them in one slot of a Redis Cluster, as BullMQ's scripts
 * need.
 */
function queuePrefix(namespace: string, lane: number): string {
  return `${namespace}:{lane-${String(lane).padStart(2, '0')}}`
}

/** Returns the key of the list of jobs that no worker has taken. */
function waitingKey(namespace: string, lane: number): string {
  return `${queuePrefix(namespace, lane)}:${laneName(lane)}:wait`
}

async function ready(connection: Redis | Cluster): Promise<void> {
  if (connection.status === 'ready') return
  await new Promise<void>((resolve, reject) => {
    connection.once('ready', () => resolve())
    connection.once('error', reject)
  })
}
