/**
 * The connection on which limits are counted. What is counted here may be wrong for a while and harm nobody, so nobody
 * waits for it: an answer that takes too long counts as none, and for a second after that Redis is not asked at all.
 */
import { hash } from 'node:crypto'
import type { Cluster, Redis } from 'ioredis'
import type { Logger } from '../runtime/logger.ts'
import { connectRedis, type RedisTarget } from '../settings/redis-url.ts'

const ASK_AGAIN_MS = 1_000

export interface LimitRedisOptions {
  readonly target: RedisTarget
  /** First part of every key. */
  readonly namespace: string
  readonly logger: Logger
  /** Longest wait for an answer. */
  readonly timeoutMs: number
}

/** Redis does not answer, or did not a moment ago. */
class RedisAwayError extends Error {
  override readonly name = 'RedisAwayError'
}

/** A Lua script, known to Redis by its hash. */
export interface Script {
  readonly text: string
  readonly sha: string
}

export const script = (text: string): Script => ({ text, sha: hash('sha1', text, 'hex') })

const NOTHING = script('return 1')

export class LimitRedis {
  readonly #redis: Redis | Cluster
  readonly #prefix: string
  readonly #logger: Logger
  readonly #timeoutMs: number
  /** Set while Redis is away: when to ask it again. */
  #askAgainAt: number | null = null

  constructor({ target, namespace, logger, timeoutMs }: LimitRedisOptions) {
    this.#redis = connectRedis(target, {
      connectionName: 'boxoffice-limits',
      connectTimeout: 3_000,
      // A hit is not worth waiting for a new connection.
      maxRetriesPerRequest: 0,
      enableOfflineQueue: false,
    })
    this.#redis.on('error', (error: Error) => logger.debug({ err: error }, 'redis connection error'))
    // One hash tag for all keys: in a cluster, a script may only touch keys of one slot.
    this.#prefix = `${namespace}:{limits}:`
    this.#logger = logger
    this.#timeoutMs = timeoutMs
  }

  /** Runs a script over keys, which get the prefix. Rejects with `RedisAwayError` within the timeout. */
  async run(
    { text, sha }: Script,
    keys: readonly string[],
    values: readonly (string | number)[],
    timeoutMs: number = this.#timeoutMs,
  ): Promise<unknown> {
    const now = performance.now()
    if (this.#askAgainAt !== null) {
      if (now < this.#askAgainAt) throw new RedisAwayError('Redis did not answer a moment ago.')
      // One finds out for all.
      this.#askAgainAt = now + ASK_AGAIN_MS
    }
    const all = [...keys.map((key) => this.#prefix + key), ...values]
    try {
      const answer = await answered(
        timeoutMs,
        this.#redis.evalsha(sha, keys.length, ...all).catch((error: unknown) => {
          if (!isUnknownScript(error)) throw error
          return this.#redis.eval(text, keys.length, ...all)
        }),
      )
      if (this.#askAgainAt !== null) {
        this.#askAgainAt = null
        this.#logger.info('limits are counted in Redis again')
      }
      return answer
    } catch (error) {
      if (this.#askAgainAt === null) {
        this.#logger.warn({ err: error }, 'Redis does not count limits: every process counts by itself meanwhile')
      }
      this.#askAgainAt = performance.now() + ASK_AGAIN_MS
      throw new RedisAwayError('Redis did not answer.', { cause: error })
    }
  }

  /** Resolves once Redis has answered, at the latest after `timeoutMs`: without it, work goes on all the same. */
  async ready(timeoutMs: number): Promise<void> {
    if (this.#redis.status !== 'ready') {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, timeoutMs)
        this.#redis.once('ready', () => {
          clearTimeout(timer)
          resolve()
        })
      })
    }
    // In a cluster, the first command connects to the node that has the keys, which takes longer than is waited for later.
    await this.run(NOTHING, ['ready'], [], timeoutMs).catch(() => undefined)
  }

  close(): void {
    this.#redis.disconnect()
  }
}

const isUnknownScript = (error: unknown) => error instanceof Error && error.message.startsWith('NOSCRIPT')

/** Rejects after `timeoutMs`, but not for an answer that is there already and was not read, for want of processor time. */
function answered<T>(timeoutMs: number, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      setImmediate(() => reject(new Error(`Redis did not answer within ${timeoutMs} ms`)))
    }, timeoutMs)
    work.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
