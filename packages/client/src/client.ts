import { pause, waitBeforeRetry } from './patience.ts'
import { RefusedError } from './refusal.ts'
import { PATHS } from './paths.ts'
import type { AnswerOf, CallOptions, OperationId } from './types.ts'

export interface ClientOptions {
  /** Such as `https://tickets.example`, without a slash at its end. */
  readonly baseUrl: string
  /** A token or API key; a function is asked for every call, for tokens that expire. */
  readonly token?: string | (() => string | Promise<string>)
  /** Instead of the global one. */
  readonly fetch?: typeof fetch
  /** Tries of a call that may be repeated, the first one included; 5 unless given. */
  readonly attempts?: number
}

/** A client of the Boxoffice API. Needs nothing but `fetch`. */
export class BoxofficeClient {
  readonly #options: ClientOptions

  constructor(options: ClientOptions) {
    this.#options = options
  }

  /**
   * Calls an operation by its name, once, and resolves with the JSON it answers.
   *
   * @throws RefusedError with the problem's code; whatever `fetch` throws where there was no answer
   */
  async call<Id extends OperationId>(id: Id, options: CallOptions<Id> = {}): Promise<AnswerOf<Id>> {
    const response = await this.send(id, options)
    const text = await response.text()
    // The contract's own tests hold the API's answers against these types.
    return (text === '' ? undefined : JSON.parse(text)) as AnswerOf<Id>
  }

  /**
   * The same, again and again while the service is overloaded, away or asks for patience. Only for calls that may be
   * repeated: reading ones, and changing ones under an idempotency key.
   */
  async callPatiently<Id extends OperationId>(id: Id, options: CallOptions<Id> = {}): Promise<AnswerOf<Id>> {
    const { attempts = 5 } = this.#options
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await this.call(id, options)
      } catch (error) {
        if (attempt + 1 >= attempts || options.signal?.aborted === true || !mayBeTriedAgain(error)) throw error
        const retryAfter = error instanceof RefusedError ? error.retryAfter : null
        await pause(waitBeforeRetry(attempt, retryAfter), options.signal)
      }
    }
  }

  /** Every item of a list, page by page, as they are asked for. */
  async *items<Id extends ListId>(
    id: Id,
    options: Omit<CallOptions<Id>, 'query'> & { readonly query?: CallOptions<Id>['query'] } = {},
  ): AsyncGenerator<ItemOf<Id>> {
    let cursor: string | null = null
    do {
      const query = { ...options.query, ...(cursor !== null && { cursor }) }
      const page: Page<ItemOf<Id>> = (await this.callPatiently(id, { ...options, query } as CallOptions<Id>)) as Page<
        ItemOf<Id>
      >
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
    options: CallOptions<Id> & { readonly headers?: Readonly<Record<string, string>> } = {},
  ): Promise<Response> {
    const { baseUrl, token, fetch: fetchIt = fetch } = this.#options
    const [method, path] = PATHS[id]
    const bearer = typeof token === 'function' ? await token() : token
    const response = await fetchIt(`${baseUrl}${filled(path, options.params)}${search(options.query)}`, {
      method,
      headers: {
        ...(bearer !== undefined && { Authorization: `Bearer ${bearer}` }),
        ...(options.body !== undefined && { 'Content-Type': 'application/json' }),
        ...(options.idempotencyKey !== undefined && { 'Idempotency-Key': `"${options.idempotencyKey}"` }),
        ...(options.waitSeconds !== undefined && { Prefer: `wait=${options.waitSeconds}` }),
        ...options.headers,
      },
      ...(options.body !== undefined && { body: JSON.stringify(options.body) }),
      ...(options.signal !== undefined && { signal: options.signal }),
    })
    if (response.ok || response.status === 304) return response
    throw new RefusedError(response.status, await bodyOf(response), response.headers.get('Retry-After'))
  }
}

interface Page<Item> {
  readonly items: readonly Item[]
  readonly nextCursor: string | null
}

/** The operations that answer pages. */
export type ListId = {
  [Id in OperationId]: AnswerOf<Id> extends { items: unknown[]; nextCursor: string | null } ? Id : never
}[OperationId]

type ItemOf<Id extends OperationId> = AnswerOf<Id> extends { items: (infer Item)[] } ? Item : never

function filled(path: string, params: unknown): string {
  const values = new Map(Object.entries(params ?? {}))
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(values.get(name))))
}

function search(query: unknown): string {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined) parameters.set(name, String(value))
  }
  return parameters.size === 0 ? '' : `?${parameters.toString()}`
}

async function bodyOf(response: Response): Promise<unknown> {
  try {
    return await response.json()
  } catch {
    return undefined
  }
}

/** No answer at all, or one that asks for patience. */
function mayBeTriedAgain(error: unknown): boolean {
  if (!(error instanceof RefusedError)) return error instanceof TypeError
  return error.status === 429 || error.status === 503 || error.code === 'idempotency_key_in_flight'
}
