import type { RefusalCode } from '@boxoffice/core/domain/refusals/refusal.ts'
import { EventEmitter } from 'node:events'
import type { Request, Response } from 'express'
import { beforeEach, describe, expect, test } from 'vitest'
import type { LimitName } from '@boxoffice/contract/operation.ts'
import type { Caller } from '@boxoffice/core/access/tokens.ts'
import type { HitCounter } from '@boxoffice/core/limits/hit-counter.ts'
import { LimitRedis } from '@boxoffice/core/limits/limit-redis.ts'
import { MemoryHitCounter } from '@boxoffice/core/limits/memory-hit-counter.ts'
import { RedisHitCounter } from '@boxoffice/core/limits/redis-hit-counter.ts'
import { parseRedisUrl } from '@boxoffice/core/settings/redis-url.ts'
import { isProblem } from '@boxoffice/core/use-case/problem.ts'
import type { Admission } from '../../apps/api/src/admission/admission.ts'
import { RateLimits } from '../../apps/api/src/admission/rates/rate-limits.ts'
import { testLogger } from '../support/logger.ts'
import { hasRedis, startRedis } from '../support/redis.ts'
import { testSettings } from '../support/settings.ts'
import { shared } from '../support/shared.ts'

// A lecture hall behind one IPv4 address buys, and a script behind one is stopped. `lecture-hall.test.ts` plays it over HTTP.

const PEOPLE = 400
const ADDRESS = '198.51.100.7'

/** The defaults before they were set by a hall of 400. */
const FORMER = { RATE_LIMIT_ADDRESS: '6000', GUEST_SESSIONS_PER_ADDRESS: '60' }

/** Returns a call from the address and its response, as far as limits look at them. */
function call(): { request: Request; response: Response } {
  const headers = new Map<string, unknown>()
  const response = Object.assign(new EventEmitter(), {
    headersSent: false,
    closed: false,
    append: () => undefined,
    setHeader: (name: string, value: unknown) => void headers.set(name, value),
    getHeader: (name: string) => headers.get(name),
  })
  return {
    request: { ip: ADDRESS, headers: {} } as unknown as Request,
    response: response as unknown as Response,
  }
}

const guest = (name: string): Caller => ({
  subject: `guest:${name}`,
  role: 'customer',
  organizerId: null,
  guest: true,
  scopes: null,
  bookingId: null,
})

/** Returns whether the call was let in. */
async function isLetIn(work: Promise<unknown>): Promise<boolean> {
  try {
    await work
    return true
  } catch (error) {
    if (isProblem(error, 'too_many_requests')) return false
    throw error
  }
}

function begin(admission: Admission): Promise<boolean> {
  const { request, response } = call()
  return isLetIn(admission.admitAnyone(request, response, { limit: 'guestSession', path: '/v1/guest-sessions' }))
}

function calls(admission: Admission, limit: LimitName, caller: Caller, path = '/v1/things'): Promise<boolean> {
  const { request, response } = call()
  return isLetIn(admission.admitCaller(request, response, { limit, path }, () => Promise.resolve(caller)))
}

/** Books as somebody who is refused with each of these. Returns whether the request was let in. */
const refusedFor = (code: RefusalCode) => ({ code, detail: 'For a reason.' })

async function books(admission: Admission, caller: Caller, ...codes: readonly RefusalCode[]) {
  const { request, response } = call()
  const operation = { limit: 'booking', path: '/v1/booking-requests' } as const
  const letIn = await isLetIn(admission.admitCaller(request, response, operation, () => Promise.resolve(caller)))
  if (letIn) for (const code of codes) admission.refusalNoter(request, caller, true)(refusedFor(code))
  return letIn
}

async function quotesWithWrongCode(admission: Admission, caller: Caller): Promise<boolean> {
  const { request } = call()
  const isAdmitted = await isLetIn(
    admission.beginQuote(request, caller).then(async (end) => {
      await admission.noteQuoted(request, caller, refusedFor('promo_not_active'))
      end()
    }),
  )
  return isAdmitted
}

/** Doings of each person of the hall in the busiest minute, as often as given. */
const DOINGS = [
  ['begins a session', 2, (admission: Admission) => begin(admission)],
  ['looks', 12, (admission: Admission, who: Caller) => calls(admission, 'read', who)],
  ['opens streams', 2, (admission: Admission, who: Caller) => calls(admission, 'stream', who)],
  ['tries a code that is over', 2, quotesWithWrongCode],
  ['books and is too late', 2, (admission: Admission, who: Caller) => books(admission, who, 'seat_unavailable')],
  ['books', 1, (admission: Admission, who: Caller) => books(admission, who)],
  ['polls', 36, (admission: Admission, who: Caller) => calls(admission, 'read', who)],
  ['starts a payment', 1, (admission: Admission, who: Caller) => calls(admission, 'write', who)],
] as const

/** Plays the busiest minute of a hall. Returns how many calls were refused, by what they were for. */
async function playHall(admission: Admission): Promise<Record<string, number>> {
  const refused: Record<string, number> = {}
  const people = Array.from({ length: PEOPLE }, (_, index) => guest(String(index)))
  for (const [name, times, does] of DOINGS) {
    for (let time = 0; time < times; time++) {
      const letIn = await Promise.all(people.map((who) => does(admission, who)))
      const out = letIn.filter((each) => !each).length
      if (out > 0) refused[name] = (refused[name] ?? 0) + out
    }
  }
  return refused
}

const STORES = hasRedis() ? (['memory', 'redis'] as const) : (['memory'] as const)

describe.each(STORES)('an address counted in %s', (store) => {
  const redis = shared(
    () =>
      store === 'redis' ? startRedis() : { url: '', flush: () => Promise.resolve(), stop: () => Promise.resolve() },
    (opened) => opened.stop(),
  )
  const counter = shared<{ hits: HitCounter; close: () => void }>(
    async () => {
      const target = store === 'redis' ? parseRedisUrl(redis.url) : null
      if (target === null) return { hits: new MemoryHitCounter(), close: () => undefined }
      const limits = new LimitRedis({ target, namespace: 'test', logger: testLogger, timeoutMs: 10_000 })
      await limits.ready(10_000)
      return { hits: new RedisHitCounter(limits), close: () => limits.close() }
    },
    (opened) => opened.close(),
  )
  beforeEach(async () => {
    await redis.flush()
    if (store === 'memory') counter.hits = new MemoryHitCounter()
  })
  const admission = (environment: Record<string, string> = {}) =>
    new RateLimits(testSettings({ TRUSTED_PROXIES: 'loopback', ...environment }), counter.hits)

  test('lets a hall of 400 in, whatever they do in their busiest minute', { timeout: 60_000 }, async () => {
    expect(await playHall(admission())).toEqual({})
  })

  test('refused most of the hall with the former defaults', { timeout: 60_000 }, async () => {
    const refused = await playHall(admission(FORMER))
    expect(refused['begins a session']).toBe(2 * PEOPLE - 60)
    expect(refused['polls']).toBeGreaterThan(10_000)
  })

  test('lets one caller do no more than before', async () => {
    const limits = admission()
    const one = guest('one')
    const letIn = await Promise.all(Array.from({ length: 1_300 }, () => calls(limits, 'read', one)))
    expect(letIn.filter(Boolean)).toHaveLength(1_200)
    const other = guest('other')
    const booked = await Promise.all(Array.from({ length: 300 }, () => books(limits, other)))
    expect(booked.filter(Boolean)).toHaveLength(240)
  })

  test('stops a script that begins one session after the other', { timeout: 60_000 }, async () => {
    const limits = admission()
    let sessions = 0
    let sent = 0
    // Each guest sends a request that it could have known to be refused, again and again, until it is stopped.
    while (await begin(limits)) {
      const each = guest(`script ${sessions++}`)
      while (await books(limits, each, 'invalid_seat')) sent++
    }
    expect(sessions).toBe(1_000)
    // Ten guests use up what the address has; then each new one has a tenth of what these had, until the minute is used up.
    expect(sent).toBeGreaterThan(600)
    expect(sent).toBeLessThanOrEqual(3_000)
    expect(await books(limits, guest('honest'))).toBe(false)
  })

  test('stops a script whose guesses at promo codes come from many guests', async () => {
    const limits = admission()
    let guesses = 0
    for (let each = 0; each < 30; each++) {
      while (await quotesWithWrongCode(limits, guest(`guesser ${each}`))) guesses++
    }
    expect(guesses).toBe(800)
  })
})
