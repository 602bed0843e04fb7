import type { ServerResponse } from 'node:http'
import { Problem } from '@boxoffice/core/use-case/problem.ts'

/** A string of RFC 8941 section 3.3.3, as draft-ietf-httpapi-idempotency-key-header-07 wants it. */
const QUOTED = /^"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"$/

/** What many clients send instead: visible ASCII without the characters that have a meaning in such headers. */
const PLAIN = /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]+$/

const MAX_LENGTH = 255

/** The key of `Idempotency-Key`, or `null` without one. Throws 400 `invalid_idempotency_key`, also for two of them. */
export function idempotencyKey(header: string | string[] | undefined): string | null {
  if (header === undefined) return null
  const key = typeof header === 'string' ? readKey(header) : undefined
  if (key === undefined || key.length < 1 || key.length > MAX_LENGTH) {
    throw new Problem('invalid_idempotency_key', {
      detail: `Idempotency-Key is one string of 1 to ${MAX_LENGTH} visible ASCII characters, quoted or plain.`,
    })
  }
  return key
}

function readKey(header: string): string | undefined {
  if (PLAIN.test(header)) return header
  return QUOTED.exec(header)?.[1]?.replaceAll(/\\(["\\])/g, '$1')
}

/** Tells that a request with this key was answered before. */
export function markReplay(response: ServerResponse, replayed: boolean): void {
  if (replayed) response.setHeader('Idempotency-Replayed', 'true')
}
