/**
 * Holdings that all processes share. Each key has a sorted set of members by the time they end, and a hash of what they
 * hold with the `total`. Both are gone with their last member. Without Redis each process counts by itself.
 *
 * Nobody waits for what is kept and released: it is gathered for one turn of the event loop and goes in a few scripts,
 * one after the other, for a signal may bring 500 outcomes.
 */
import { z } from 'zod'
import { type HoldEntry, type HoldLedger, type HoldLimit, type ReserveOutcome, RESERVED_MS } from './hold-ledger.ts'
import { type LimitRedis, script } from './limit-redis.ts'
import { MemoryHoldLedger } from './memory-hold-ledger.ts'

/** KEYS come in pairs: the ends and the holdings of a key. Redis' clock counts, so that processes need not agree. */
const PREAMBLE = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function drop(ends, holds, member)
  local held = redis.call('HGET', holds, member)
  if held then
    redis.call('HINCRBY', holds, 'total', -tonumber(string.match(held, '^%d+')))
    redis.call('HDEL', holds, member)
  end
  redis.call('ZREM', ends, member)
  if redis.call('ZCARD', ends) == 0 then redis.call('DEL', holds) end
end
local function put(ends, holds, member, places, request, ms)
  local held = redis.call('HGET', holds, member)
  local before = held and tonumber(string.match(held, '^%d+')) or 0
  redis.call('ZADD', ends, string.format('%.0f', now + ms), member)
  redis.call('HSET', holds, member, places .. ':' .. request)
  if places ~= before then redis.call('HINCRBY', holds, 'total', places - before) end
  local last = tonumber(redis.call('ZRANGE', ends, -1, -1, 'WITHSCORES')[2])
  redis.call('PEXPIREAT', ends, string.format('%.0f', last + 1000))
  redis.call('PEXPIREAT', holds, string.format('%.0f', last + 1000))
end
local function forget(ends, holds)
  -- What is left over counts on for a moment, and is found next time.
  for _, member in ipairs(redis.call('ZRANGEBYSCORE', ends, '-inf', string.format('%.0f', now), 'LIMIT', 0, 1000)) do
    drop(ends, holds, member)
  end
end`

/** ARGV: member, places, ms, then the limit of each key. Answers 1 and which keys were added to, or 0 and which are full. */
const RESERVE = script(`${PREAMBLE}
local member, places, ms = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local unknown, full, anyFull = {}, {}, false
for i = 1, #KEYS / 2 do
  local ends, holds = KEYS[2 * i - 1], KEYS[2 * i]
  forget(ends, holds)
  unknown[i] = 1 - redis.call('HEXISTS', holds, member)
  full[i] = 0
  if unknown[i] == 1 and tonumber(redis.call('HGET', holds, 'total') or '0') + places > tonumber(ARGV[3 + i]) then
    full[i] = 1
    anyFull = true
  end
end
if anyFull then return {0, full} end
for i, new in ipairs(unknown) do
  if new == 1 then put(KEYS[2 * i - 1], KEYS[2 * i], member, places, '', ms) end
end
return {1, unknown}`)

/** ARGV: for each pair of keys a member, its places, its request id and ms; 0 drops it. */
const WRITE = script(`${PREAMBLE}
for i = 1, #KEYS / 2 do
  local ends, holds = KEYS[2 * i - 1], KEYS[2 * i]
  local member, places, request, ms = unpack(ARGV, 4 * i - 3, 4 * i)
  if ms == '0' then drop(ends, holds, member)
  else put(ends, holds, member, tonumber(places), request, tonumber(ms)) end
end
return 1`)

/** ARGV: member. */
const TAKE_BACK = script(`${PREAMBLE}
for i = 1, #KEYS / 2 do
  local held = redis.call('HGET', KEYS[2 * i], ARGV[1])
  if held and string.match(held, ':$') then drop(KEYS[2 * i - 1], KEYS[2 * i], ARGV[1]) end
end
return 1`)

const LIST = script(`${PREAMBLE}
forget(KEYS[1], KEYS[2])
return redis.call('HGETALL', KEYS[2])`)

/** Looking at all that one key holds takes longer than counting, and happens seldom. */
const LIST_TIMEOUT_MS = 1_000

/** Writes of one script, so that none keeps others waiting. */
const MAX_WRITES = 256

/** Beyond this Redis is too slow for us. What is not written then ends by itself. */
const MAX_UNWRITTEN = 100_000

/** Writing many takes longer than counting, and nobody waits for it. */
const WRITE_TIMEOUT_MS = 1_000

interface Write {
  readonly key: string
  readonly entry: HoldEntry
  /** 0 drops the entry. */
  readonly forMs: number
}

const reserveAnswer = z.tuple([z.int(), z.array(z.int())])
const listAnswer = z.array(z.string())
const holding = /^(\d+):(.*)$/

export class RedisHoldLedger implements HoldLedger {
  readonly #redis: LimitRedis
  readonly #own = new MemoryHoldLedger()
  #unwritten: Write[] = []
  #writing = false

  constructor(redis: LimitRedis) {
    this.#redis = redis
  }

  async reserve(member: string, places: number, limits: readonly HoldLimit[]): Promise<ReserveOutcome> {
    const keys = limits.map(({ key }) => key)
    try {
      const values = [member, places, RESERVED_MS, ...limits.map(({ limit }) => limit)]
      const [reserved, flags] = reserveAnswer.parse(await this.#redis.run(RESERVE, pairs(keys), values))
      const flagged = limits.filter((_, index) => flags[index] === 1)
      return reserved === 1
        ? { kind: 'reserved', added: flagged.map(({ key }) => key) }
        : { kind: 'full', full: flagged }
    } catch {
      // Whatever went wrong was logged where it did; so below.
      return this.#own.reserve(member, places, limits)
    }
  }

  keep(entry: HoldEntry, keys: readonly string[], forMs: number): void {
    this.#enqueue(keys.map((key) => ({ key, entry, forMs: Math.max(1, Math.ceil(forMs)) })))
  }

  release(member: string, keys: readonly string[]): void {
    this.#enqueue(keys.map((key) => dropped(member, key)))
  }

  async strike(members: readonly string[], key: string): Promise<void> {
    for (let from = 0; from < members.length; from += MAX_WRITES) {
      await this.#send(members.slice(from, from + MAX_WRITES).map((member) => dropped(member, key)))
    }
  }

  async takeBack(member: string, keys: readonly string[]): Promise<void> {
    if (keys.length === 0) return
    await this.#own.takeBack(member, keys)
    try {
      await this.#redis.run(TAKE_BACK, pairs(keys), [member])
    } catch {
      // It ends by itself.
    }
  }

  async list(key: string): Promise<HoldEntry[]> {
    try {
      const fields = listAnswer.parse(await this.#redis.run(LIST, pairs([key]), [], LIST_TIMEOUT_MS))
      const entries: HoldEntry[] = []
      for (let index = 0; index + 1 < fields.length; index += 2) {
        const [member = '', text = ''] = fields.slice(index, index + 2)
        const match = holding.exec(text)
        if (match === null) continue
        const [, places, requestId = ''] = match
        entries.push({ member, places: Number(places), requestId: requestId === '' ? null : requestId })
      }
      return entries
    } catch {
      return this.#own.list(key)
    }
  }

  #enqueue(writes: readonly Write[]): void {
    if (this.#unwritten.length >= MAX_UNWRITTEN) return
    this.#unwritten.push(...writes)
    if (this.#writing) return
    this.#writing = true
    setImmediate(() => void this.#write())
  }

  async #write(): Promise<void> {
    while (this.#unwritten.length > 0) {
      const all = this.#unwritten
      this.#unwritten = []
      for (let from = 0; from < all.length; from += MAX_WRITES) await this.#send(all.slice(from, from + MAX_WRITES))
    }
    this.#writing = false
  }

  async #send(writes: readonly Write[]): Promise<void> {
    for (const { key, entry, forMs } of writes) if (forMs === 0) this.#own.release(entry.member, [key])
    try {
      await this.#redis.run(
        WRITE,
        pairs(writes.map(({ key }) => key)),
        writes.flatMap(({ entry: { member, places, requestId }, forMs }) => [member, places, requestId ?? '', forMs]),
        WRITE_TIMEOUT_MS,
      )
    } catch {
      for (const { key, entry, forMs } of writes) if (forMs > 0) this.#own.keep(entry, [key], forMs)
    }
  }
}

const dropped = (member: string, key: string): Write => ({
  key,
  entry: { member, places: 0, requestId: null },
  forMs: 0,
})

const pairs = (keys: readonly string[]) => keys.flatMap((key) => [`ends:${key}`, `holds:${key}`])
