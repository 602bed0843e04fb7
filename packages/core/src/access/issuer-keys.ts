/**
 * The key set of the token issuer, which may be away.
 *
 * Keeps: a key set that was had once counts for a day while the issuer is away, so that an outage of the issuer is none of
 * ours; a key that the set does not have is never taken. The issuer is asked by one fetch at a time, and while it is away
 * once in ten seconds at most (once a second before there is a set), whoever calls with whatever.
 */
import { createRemoteJWKSet, errors, type JWTVerifyGetKey } from 'jose'
import type { Logger } from '../runtime/logger.ts'
import { Problem } from '../use-case/problem.ts'

const FETCH_TIMEOUT_MS = 3_000

/** A set of this age is fetched again before it is used. */
const FRESH_FOR_MS = 600_000

/** A set of this age is no longer used, whatever becomes of fetching it again. */
export const KEPT_FOR_MS = 86_400_000

/** A set of this age is fetched again for a key that it does not have. */
const SETTLED_AFTER_MS = 30_000

/** The time after a fetch that failed, before the next one. */
export const ASKED_AGAIN_AFTER_MS = 10_000
export const FIRST_ASKED_AGAIN_AFTER_MS = 1_000

/**
 * Returns the key that a token names, of the set at `url`.
 *
 * @throws Problem `unavailable` where the set cannot be had or is broken, or lacks the key and may be out of date
 * @throws JWKSNoMatchingKey, JWKSMultipleMatchingKeys, of jose, for what speaks against the token
 */
export function issuerKeys(url: URL, logger: Logger | null): JWTVerifyGetKey {
  // When it is fetched is decided here: jose would throw away a set that is ten minutes old.
  const keySet = createRemoteJWKSet(url, {
    timeoutDuration: FETCH_TIMEOUT_MS,
    cacheMaxAge: Infinity,
    cooldownDuration: Infinity,
  })
  let fetchedAt = -Infinity
  let failure: { readonly at: number; readonly error: unknown } | null = null

  const ageMs = () => Date.now() - fetchedAt

  /** Fetches the set, unless that has failed just now. Returns whether it did; never throws. */
  async function refresh(): Promise<boolean> {
    const restMs = ageMs() < KEPT_FOR_MS ? ASKED_AGAIN_AFTER_MS : FIRST_ASKED_AGAIN_AFTER_MS
    if (failure !== null && Date.now() - failure.at < restMs) return false
    try {
      // Several callers share one fetch.
      await keySet.reload()
      if (failure !== null) logger?.info({ url: url.href }, 'the keys of the token issuer can be had again')
      fetchedAt = Date.now()
      failure = null
      return true
    } catch (error) {
      if (failure === null && ageMs() < KEPT_FOR_MS) {
        const until = new Date(fetchedAt + KEPT_FOR_MS).toISOString()
        logger?.warn({ err: error, url: url.href, until }, 'the token issuer is away: its last keys count until then')
      }
      failure = { at: Date.now(), error }
      return false
    }
  }

  const unavailable = (cause: unknown) =>
    new Problem('unavailable', { cause: new Error('The keys of the token issuer cannot be had.', { cause }) })

  const find: JWTVerifyGetKey = async (header, token) => {
    try {
      return await keySet(header, token)
    } catch (error) {
      // A key that the set does not have speaks against the token; everything else against the set.
      if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys) throw error
      throw unavailable(error)
    }
  }

  return async (header, token) => {
    if (ageMs() >= FRESH_FOR_MS) {
      // While the issuer is known to be away nobody waits for it who can do with the last set.
      const refreshed = refresh()
      if (failure === null || ageMs() >= KEPT_FOR_MS) await refreshed
      if (ageMs() >= KEPT_FOR_MS) throw unavailable(failure?.error)
    }
    try {
      return await find(header, token)
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey) || ageMs() < SETTLED_AFTER_MS) throw error
      if (!(await refresh())) throw unavailable(failure?.error)
      return find(header, token)
    }
  }
}
