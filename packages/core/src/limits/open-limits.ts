import type pg from 'pg'
import type { Logger } from '../runtime/logger.ts'
import { parseRedisUrl } from '../settings/redis-url.ts'
import type { Settings } from '../settings/settings.ts'
import { AwaitedOutcomes } from './awaited-outcomes.ts'
import type { HitCounter } from './hit-counter.ts'
import { CountedHoldLimits, type HoldLimits } from './hold-limits.ts'
import { LimitRedis } from './limit-redis.ts'
import { MemoryHitCounter } from './memory-hit-counter.ts'
import { MemoryHoldLedger } from './memory-hold-ledger.ts'
import { type NetworkTrust, StoredTrust } from './network-trust.ts'
import { RedisHitCounter } from './redis-hit-counter.ts'
import { RedisHoldLedger } from './redis-hold-ledger.ts'

/** An answer of Redis is waited for this long; then each process counts by itself. */
const REDIS_TIMEOUT_MS = 100
const CONNECTED_WITHIN_MS = 3_000

export interface Limits {
  readonly counter: HitCounter
  readonly holds: HoldLimits
  /** The networks that organizers trust. */
  readonly trust: NetworkTrust
  /** Has to be given the transport's signals. */
  readonly outcomes: AwaitedOutcomes
  close(): void
}

export interface LimitsOptions {
  readonly settings: Pick<Settings, 'QUEUE_URL' | 'QUEUE_NAMESPACE' | 'HOLDS_PER_CUSTOMER' | 'HOLDS_PER_ADDRESS'>
  /** For reads. */
  readonly pool: pg.Pool
  readonly logger: Logger
  readonly redisTimeoutMs?: number | undefined
}

/**
 * Opens what limits are counted with: Redis if there is one, so that all processes count together, else this process.
 */
export async function openLimits({
  settings,
  pool,
  logger,
  redisTimeoutMs = REDIS_TIMEOUT_MS,
}: LimitsOptions): Promise<Limits> {
  const target = settings.QUEUE_URL === undefined ? null : parseRedisUrl(settings.QUEUE_URL)
  const redis =
    target === null
      ? null
      : new LimitRedis({ target, namespace: settings.QUEUE_NAMESPACE, logger, timeoutMs: redisTimeoutMs })
  await redis?.ready(CONNECTED_WITHIN_MS)
  const ledger = redis === null ? new MemoryHoldLedger() : new RedisHoldLedger(redis)
  const outcomes = new AwaitedOutcomes({ pool, logger })
  const trust = new StoredTrust({ pool, logger })
  return {
    outcomes,
    trust,
    counter: redis === null ? new MemoryHitCounter() : new RedisHitCounter(redis),
    holds: new CountedHoldLimits({
      ledger,
      pool,
      perCustomer: settings.HOLDS_PER_CUSTOMER,
      perAddress: settings.HOLDS_PER_ADDRESS,
      logger,
      trust,
    }),
    close: () => {
      outcomes.close()
      redis?.close()
    },
  }
}
