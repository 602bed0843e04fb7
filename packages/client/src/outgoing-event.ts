import { OUTGOING_EVENT_TYPES, type OutgoingEventData } from './api.ts'

export type OutgoingEventType = keyof OutgoingEventData

interface EventOf<Type extends OutgoingEventType> {
  readonly type: Type
  /** RFC 3339. */
  readonly timestamp: string
  /** `null` only in a test of an endpoint that gets the events of every organizer. */
  readonly organizerId: Type extends 'webhook_endpoint.test' ? string | null : string
  /** The booking, the refused booking request, or the thing that the event is about. */
  readonly entityId: string
  /** Counts the events of the entity: 1, 2, 3, … without gaps. */
  readonly seq: number
  readonly data: Readonly<OutgoingEventData[Type]>
}

/** An outgoing event, as webhooks post it and the feed lists it. Its `type` tells what its `data` is. */
export type OutgoingEvent = { [Type in OutgoingEventType]: EventOf<Type> }[OutgoingEventType]

const KNOWN: ReadonlySet<unknown> = new Set(OUTGOING_EVENT_TYPES)

/**
 * Returns an item of the feed, or the body of a webhook whose signature fits, as an event of its type; `null` for a type
 * that this version of the client does not know. Pass `null` over: types may come.
 *
 * @throws SyntaxError or TypeError for what is no event
 */
export function parseOutgoingEvent(source: string | object): OutgoingEvent | null {
  const event: unknown = typeof source === 'string' ? JSON.parse(source) : source
  if (!isEvent(event)) throw new TypeError('This is no outgoing event.')
  // The contract's own tests hold the events against these types.
  return KNOWN.has(event.type) ? (event as OutgoingEvent) : null
}

function isEvent(value: unknown): value is { readonly type: string; readonly data: object } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'type' in value &&
    typeof value.type === 'string' &&
    'data' in value &&
    typeof value.data === 'object' &&
    value.data !== null
  )
}
