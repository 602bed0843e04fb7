/**
 * Counts that all processes share. What is counted in one turn of the event loop goes in one round trip: the address and
 * the caller of a call, and the calls that arrive with it. Without Redis each process counts by itself.
 */
import { z } from 'zod'
import type { HitCounter, Hits } from './hit-counter.ts'
import { type LimitRedis, script } from './limit-redis.ts'
import { MemoryHitCounter } from './memory-hit-counter.ts'

/** Most keys of one script, so that none delays others. */
const MAX_KEYS = 256

/** KEYS: counters; ARGV: for each the window in ms, 0 only looks, and the weight. Answers for each the count and the ms left. */
const COUNT = script(`
local answer = {}
for i, key in ipairs(KEYS) do
  local window, weight = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  local count
  if window > 0 then
    count = redis.call('INCRBY', key, weight)
    if count == weight then redis.call('PEXPIRE', key, window) end
  else
    count = tonumber(redis.call('GET', key) or '0')
  end
  answer[2 * i - 1] = count
  answer[2 * i] = redis.call('PTTL', key)
end
return answer`)

const answerSchema = z.array(z.int())

interface Waiting {
  readonly key: string
  /** 0 only looks. */
  readonly windowMs: number
  readonly weight: number
  resolve(hits: Hits): void
}

export class RedisHitCounter implements HitCounter {
  readonly #redis: LimitRedis
  readonly #own = new MemoryHitCounter()
  #waiting: Waiting[] = []

  constructor(redis: LimitRedis) {
    this.#redis = redis
  }

  hit(key: string, windowMs: number, weight = 1): Promise<Hits> {
    return this.#ask(key, windowMs, weight)
  }

  peek(key: string): Promise<Hits> {
    return this.#ask(key, 0, 0)
  }

  #ask(key: string, windowMs: number, weight: number): Promise<Hits> {
    return new Promise((resolve) => {
      if (this.#waiting.length === 0) setImmediate(() => this.#send())
      this.#waiting.push({ key, windowMs, weight, resolve })
    })
  }

  #send(): void {
    const all = this.#waiting
    this.#waiting = []
    for (let from = 0; from < all.length; from += MAX_KEYS) void this.#count(all.slice(from, from + MAX_KEYS))
  }

  async #count(batch: readonly Waiting[]): Promise<void> {
    try {
      const answer = await this.#redis.run(
        COUNT,
        batch.map(({ key }) => `count:${key}`),
        batch.flatMap(({ windowMs, weight }) => [windowMs, weight]),
      )
      const numbers = answerSchema.parse(answer)
      const now = Date.now()
      batch.forEach(({ resolve }, index) => {
        resolve({ count: numbers[2 * index] ?? 0, resetsAtMs: now + Math.max(0, numbers[2 * index + 1] ?? 0) })
      })
    } catch {
      // Whatever went wrong was logged where it did.
      for (const { key, windowMs, weight, resolve } of batch) {
        void (windowMs > 0 ? this.#own.hit(key, windowMs, weight) : this.#own.peek(key)).then(resolve)
      }
    }
  }
}
