/**
 * Posting to addresses that strangers chose.
 *
 * Keeps: a connection is only ever made to an address that was looked at: the name is resolved once, by the connection
 * itself, and what is connected to is what was resolved. The tempting wrong way is to resolve and look, and to let the
 * connection resolve again: a name server can answer something else the second time. Redirects are not followed, and of
 * the answer no more is read than is kept.
 *
 * Over https the certificate is checked for the name in the URL, whichever address it led to.
 */
import { isIPv6, type LookupFunction } from 'node:net'
import { Agent, errors, request } from 'undici'
import { type Destinations, parseDestination, RefusedDestinationError, resolveDestination } from './destination.ts'

const CONNECT_WITHIN_MS = 5_000
const ANSWER_WITHIN_MS = 10_000
const MAX_RESPONSE_BYTES = 1_024
const MAX_RESPONSE_HEADER_BYTES = 16_384

export interface Posting {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface Posted {
  /** `null` where there was no answer. */
  readonly statusCode: number | null
  /** Reason why it was not accepted, in one sentence; `null` if it was. */
  readonly error: string | null
  /** The beginning of the answer's body; `null` where there was no answer. */
  readonly response: string | null
  readonly durationMs: number
}

export interface PosterOptions {
  readonly destinations: Destinations
  /** For everything together; ms. */
  readonly answerWithinMs?: number
  /** Certificates, in PEM, of the authorities that are trusted; those of Node unless given. */
  readonly ca?: readonly string[]
}

export class WebhookPoster {
  readonly #destinations: Destinations
  readonly #answerWithinMs: number
  readonly #agent: Agent

  constructor({ destinations, answerWithinMs = ANSWER_WITHIN_MS, ca }: PosterOptions) {
    this.#destinations = destinations
    this.#answerWithinMs = answerWithinMs
    this.#agent = new Agent({
      connect: {
        lookup: guardedLookup(destinations),
        timeout: CONNECT_WITHIN_MS,
        ...(ca !== undefined && { ca: [...ca] }),
      },
      autoSelectFamily: true,
      maxHeaderSize: MAX_RESPONSE_HEADER_BYTES,
      // The next one to the same endpoint may well come at once; after that its name is to be looked at again.
      keepAliveTimeout: 2_000,
      keepAliveMaxTimeout: 2_000,
    })
  }

  /** Posts a delivery. Never rejects: a failure is a result. */
  async post({ url, headers, body }: Posting, stopping: AbortSignal): Promise<Posted> {
    const startedAt = performance.now()
    const durationMs = () => Math.round(performance.now() - startedAt)
    const overdue = AbortSignal.timeout(this.#answerWithinMs)
    const signal = AbortSignal.any([stopping, overdue])
    try {
      const destination = parseDestination(url, this.#destinations)
      const answer = await request(destination, {
        method: 'POST',
        dispatcher: this.#agent,
        headers: { 'content-type': 'application/json', 'user-agent': 'Boxoffice-Webhooks/1', ...headers },
        body,
        signal,
      })
      const { statusCode } = answer
      const response = await readBeginning(answer.body)
      return { statusCode, error: failureOf(statusCode), response, durationMs: durationMs() }
    } catch (error) {
      const seconds = this.#answerWithinMs / 1_000
      const sentence = overdue.aborted ? `There was no answer within ${seconds} seconds.` : sentenceOf(error)
      return { statusCode: null, error: sentence, response: null, durationMs: durationMs() }
    }
  }

  close(): Promise<void> {
    return this.#agent.destroy()
  }
}

/** Returns the lookup that connections use: it yields the name's addresses, each of them checked. */
function guardedLookup(destinations: Destinations): LookupFunction {
  return (name, options, done) => {
    resolveDestination(name, destinations).then(
      (addresses) => {
        const all = addresses.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }))
        const [first] = all
        if (options.all === true || first === undefined) done(null, all)
        else done(null, first.address, first.family)
      },
      (error: unknown) => done(error instanceof Error ? error : new Error(String(error)), ''),
    )
  }
}

/**
 * Reads as much of the body as is kept, and does not wait for the rest. A body that breaks off or trickles counts as an
 * answer all the same: the status decides.
 */
async function readBeginning(body: AsyncIterable<unknown> & { destroy(): unknown }): Promise<string> {
  const parts: Buffer[] = []
  let length = 0
  try {
    for await (const part of body) {
      if (!(part instanceof Uint8Array)) break
      parts.push(Buffer.from(part))
      length += part.length
      if (length >= MAX_RESPONSE_BYTES) break
    }
  } catch {
    // Out of time, or the connection broke.
  }
  body.destroy()
  // PostgreSQL keeps no U+0000.
  return Buffer.concat(parts).subarray(0, MAX_RESPONSE_BYTES).toString('utf8').replaceAll('\0', '\uFFFD')
}

function failureOf(statusCode: number): string | null {
  if (statusCode >= 200 && statusCode < 300) return null
  if (statusCode >= 300 && statusCode < 400) return `It answered ${statusCode}; redirects are not followed.`
  return `It answered ${statusCode}.`
}

const UNKNOWN_AUTHORITY = 'Its certificate comes from no authority that is trusted'

/** Sentences by Node's codes, which are OpenSSL's. */
const CERTIFICATE_FAILURES = new Map([
  ['CERT_HAS_EXPIRED', 'Its certificate has expired'],
  ['CERT_NOT_YET_VALID', 'Its certificate is not valid yet'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'Its certificate is for another name'],
  ['CERT_SIGNATURE_FAILURE', 'Its certificate was not signed by its authority'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', UNKNOWN_AUTHORITY],
  ['SELF_SIGNED_CERT_IN_CHAIN', UNKNOWN_AUTHORITY],
  ['UNABLE_TO_GET_ISSUER_CERT', UNKNOWN_AUTHORITY],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', UNKNOWN_AUTHORITY],
  // Most often the one between was not sent along.
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', UNKNOWN_AUTHORITY],
])

function sentenceOf(error: unknown): string {
  if (error instanceof RefusedDestinationError) return `It is refused: ${error.message}`
  if (error instanceof errors.ConnectTimeoutError) return 'It could not be connected to in time.'
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
  const what = CERTIFICATE_FAILURES.get(code) ?? 'The connection failed'
  return code === '' ? `${what}.` : `${what} (${code}).`
}
