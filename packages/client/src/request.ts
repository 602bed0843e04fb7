import { PATHS } from './paths.ts'
import type { CallSettings } from './types.ts'

/** The options of any call, when it is no longer known which. */
export interface AnyOptions extends CallSettings {
  readonly params?: unknown
  readonly query?: unknown
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** A call as it is sent, but for where the API is and who calls it. */
export interface PreparedRequest {
  readonly method: string
  /** Path and query. */
  readonly target: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
  readonly signal: AbortSignal | undefined
}

/**
 * Writes a call down.
 *
 * @throws Error for an operation that is not there and path parameters that are missing: TypeScript says so too, but
 *   not everybody uses it
 */
export function prepareRequest(id: string, options: AnyOptions): PreparedRequest {
  const [method, path] = pathOf(id)
  const { body, idempotencyKey, waitSeconds } = options
  return {
    method,
    target: `${filled(id, path, options.params)}${search(options.query)}`,
    headers: {
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
      ...(idempotencyKey !== undefined && { 'Idempotency-Key': `"${idempotencyKey}"` }),
      ...(waitSeconds !== undefined && { Prefer: `wait=${waitSeconds}` }),
      ...options.headers,
    },
    body: body === undefined ? undefined : JSON.stringify(body),
    signal: options.signal,
  }
}

const KNOWN: ReadonlyMap<string, readonly [method: string, path: string]> = new Map(Object.entries(PATHS))

function pathOf(id: string): readonly [method: string, path: string] {
  const known = KNOWN.get(id)
  if (known === undefined) throw new Error(`The API has no operation ${JSON.stringify(id)}.`)
  return known
}

function filled(id: string, path: string, params: unknown): string {
  const values = new Map<string, unknown>(Object.entries(params ?? {}))
  return path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = values.get(name)
    if (typeof value !== 'string' && typeof value !== 'number') {
      throw new Error(`${id} needs params.${name}, for its path is ${path}.`)
    }
    const text = String(value)
    // Nothing and dots would lead to another path.
    if (/^\.{0,2}$/.test(text)) throw new Error(`params.${name} of ${id} must not be ${JSON.stringify(text)}.`)
    return encodeURIComponent(text)
  })
}

function search(query: unknown): string {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined) parameters.set(name, String(value))
  }
  const text = parameters.toString()
  return text === '' ? '' : `?${text}`
}
