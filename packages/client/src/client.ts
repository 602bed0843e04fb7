import { pause, waitBeforeRetry } from './patience.ts'
import { RefusedError } from './refusal.ts'
import { type AnyOptions, type PreparedRequest, prepareRequest } from './request.ts'
import type { AnswerOf, Arguments, CallOptions, ItemOf, ListId, OperationId } from './types.ts'

export interface ClientOptions {
  /** Address of the API, with the path that a proxy may put before its own: `https://tickets.example/boxoffice`. */
  readonly baseUrl: string
  /** A token or API key; a function is asked for every call, for tokens that expire. */
  readonly token?: string | (() => string | Promise<string>)
  /** Instead of the global one. */
  readonly fetch?: typeof fetch
  /** Tries of a call that may be repeated, the first one included; 5 unless given. */
  readonly attempts?: number
}

/**
 * A client of the Boxoffice API. Needs nothing but `fetch`.
 *
 * Whatever takes a `signal` ends as `fetch` does when that aborts: it rejects with the signal's reason.
 */
export class BoxofficeClient {
  readonly #options: ClientOptions

  constructor(options: ClientOptions) {
    this.#options = { ...options, baseUrl: options.baseUrl.replace(/\/+$/, '') }
  }

  /**
   * Calls an operation by its name, once, and resolves with the JSON it answers.
   *
   * @throws RefusedError with the problem's code; whatever `fetch` throws where there was no answer
   */
  async call<Id extends OperationId>(id: Id, ...[options]: Arguments<CallOptions<Id>>): Promise<AnswerOf<Id>> {
    return this.#answer(id, prepareRequest(id, { ...options }))
  }

  /**
   * Calls an operation and retries while the service is overloaded, unavailable or asks for patience. Only for calls
   * that may be repeated: reading ones, and changing ones with an idempotency key.
   */
  async callPatiently<Id extends OperationId>(id: Id, ...[options]: Arguments<CallOptions<Id>>): Promise<AnswerOf<Id>> {
    return this.#patiently(id, { ...options })
  }

  /** Every item of a list, page by page, as they are asked for. */
  async *items<Id extends ListId>(id: Id, ...[options]: Arguments<CallOptions<Id>>): AsyncGenerator<ItemOf<Id>> {
    const given: AnyOptions = { ...options }
    let cursor: string | null = null
    do {
      const query: unknown = { ...fieldsOf(given.query), ...(cursor !== null && { cursor }) }
      const page: Page<ItemOf<Id>> = await this.#patiently(id, { ...given, query })
      yield* page.items
      cursor = page.nextCursor
    } while (cursor !== null)
  }

  /**
   * Sends a call and resolves with its answer, whose body is not read yet: for streams and files.
   *
   * @throws RefusedError
   */
  async send<Id extends OperationId>(
    id: Id,
    ...[options]: Arguments<CallOptions<Id> & { readonly headers?: Readonly<Record<string, string>> }>
  ): Promise<Response> {
    return this.#send(prepareRequest(id, { ...options }))
  }

  async #patiently<Id extends OperationId>(id: Id, options: AnyOptions): Promise<AnswerOf<Id>> {
    const { attempts = 5 } = this.#options
    const request = prepareRequest(id, options)
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await this.#answer(id, request)
      } catch (error) {
        if (attempt + 1 >= attempts || !mayBeTriedAgain(error)) throw error
        const retryAfter = error instanceof RefusedError ? error.retryAfter : null
        await pause(waitBeforeRetry(attempt, retryAfter), options.signal)
      }
    }
  }

  async #answer<Id extends OperationId>(id: Id, request: PreparedRequest): Promise<AnswerOf<Id>> {
    const response = await this.#send(request)
    const text = await unlessAborted(request.signal, response.text())
    if (text !== '' && response.headers.get('Content-Type')?.includes('json') !== true) {
      throw new Error(`${id} was not answered with JSON; files and streams are what send() is for.`)
    }
    // The contract's own tests hold the API's answers against these types.
    return (text === '' ? undefined : JSON.parse(text)) as AnswerOf<Id>
  }

  async #send({ method, target, headers, body, signal }: PreparedRequest): Promise<Response> {
    const { baseUrl, token, fetch: fetchIt = fetch } = this.#options
    const bearer = typeof token === 'function' ? await token() : token
    const sent = fetchIt(`${baseUrl}${target}`, {
      method,
      headers: { ...(bearer !== undefined && { Authorization: `Bearer ${bearer}` }), ...headers },
      ...(body !== undefined && { body }),
      ...(signal !== undefined && { signal }),
    })
    const response = await unlessAborted(signal, sent)
    if (response.ok || response.status === 304) return response
    throw new RefusedError(response.status, await bodyOf(response), response.headers.get('Retry-After'))
  }
}

interface Page<Item> {
  readonly items: readonly Item[]
  readonly nextCursor: string | null
}

async function bodyOf(response: Response): Promise<unknown> {
  try {
    return await response.json()
  } catch {
    return undefined
  }
}

/** Rejects with the signal's reason: some ways in which a fetch fails after an abort do not say it. */
async function unlessAborted<Value>(signal: AbortSignal | undefined, promise: Promise<Value>): Promise<Value> {
  try {
    return await promise
  } catch (error) {
    signal?.throwIfAborted()
    throw error
  }
}

const fieldsOf = (value: unknown): object => (typeof value === 'object' && value !== null ? value : {})

/** Returns whether a retry may help: there was no response at all, or one that asks for patience. */
function mayBeTriedAgain(error: unknown): boolean {
  if (!(error instanceof RefusedError)) return error instanceof TypeError
  return error.status === 429 || error.status === 503 || error.code === 'idempotency_key_in_flight'
}
