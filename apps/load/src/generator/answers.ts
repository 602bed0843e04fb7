import type { Answer } from './http.ts'
import type { Tally } from './tally.ts'

/** Parts of a booking request that a client looks at. */
export interface SeenRequest {
  readonly id: string
  readonly state: 'queued' | 'booked' | 'refused'
  readonly reference: string | null
  readonly refusalCode: string | null
}

/**
 * Reads a booking request by hand, because it is done for every answer. Returns `null` for what is no booking request.
 */
export function readRequest(text: string): SeenRequest | null {
  const seen = parseObject(text)
  if (seen === null) return null
  const { id, state } = seen
  if (typeof id !== 'string' || (state !== 'queued' && state !== 'booked' && state !== 'refused')) return null
  const reference = textIn(seen['booking'], 'reference')
  const refusalCode = textIn(seen['refusal'], 'code')
  if ((state === 'booked') !== (reference !== null) || (state === 'refused') !== (refusalCode !== null)) return null
  return { id, state, reference, refusalCode }
}

/** Returns a string field of a JSON object, in a text; `null` if there is none. */
export const readText = (text: string, field: string): string | null => textIn(parseObject(text), field)

/** Returns the `items` of a JSON object; none if it has no such list. */
export function readItems(text: string): readonly unknown[] {
  const items = parseObject(text)?.['items']
  return Array.isArray(items) ? items : []
}

/** Returns a string field of a value that may be anything. */
export function textIn(value: unknown, field: string): string | null {
  if (!isObject(value)) return null
  const found = value[field]
  return typeof found === 'string' ? found : null
}

/** Parses a JSON object. Returns `null` for what is none. */
export function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : null
  } catch {
    return null
  }
}

/**
 * Counts an answer that is not the hoped-for one: refusals (409), and being told to come back (429, 503), by their
 * problem code; anything else is an error. Nobody comes back: in an open loop the one told to is one of the counted.
 */
export function countOther(tally: Tally, { status, body }: Answer, what: string): void {
  if (status === 409 || status === 429 || status === 503) tally.turnedAway(readText(body, 'code') ?? `status ${status}`)
  else tally.failed(`${what} was answered ${status}: ${body}`)
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
