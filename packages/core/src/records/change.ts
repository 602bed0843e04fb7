import type { FactsOf, ThingEventType } from '../domain/outgoing-events/outgoing-events.ts'

interface Changed {
  /** `null` for what belongs to the service itself: audited, and told to nobody. */
  readonly organizerId: string | null
  readonly entityId: string
  /** Left out for what is new. */
  readonly before?: Readonly<Record<string, unknown>> | null
}

interface ChangeOf<T extends ThingEventType> extends Changed {
  readonly type: T
  /** `null` for a type that says nothing more. */
  readonly after: keyof FactsOf<T> extends never ? null : FactsOf<T>
}

/** Change that is audited and is no event: it changes nothing about the endpoint. */
interface AuditedOnly extends Changed {
  readonly type: 'webhook_endpoint.replayed' | 'webhook_endpoint.test_sent'
  readonly after: Readonly<Record<string, unknown>>
  readonly told: false
}

/**
 * A change of what is on sale, of an API key or of a webhook endpoint: becomes an audit row, whose action is the type, and
 * an outgoing event. No personal data.
 */
export type Change = { [T in ThingEventType]: ChangeOf<T> }[ThingEventType] | AuditedOnly

/** A showtime or an event that is new. */
export type NewResource = Extract<Change, { readonly type: 'showtime.created' | 'event.created' }>

/** A ticket type that is new. */
export type NewTicketType = ChangeOf<'ticket_type.created'>

type WithoutOwner<C> = C extends unknown ? Omit<C, 'organizerId' | 'entityId'> : never

/** A change of a webhook endpoint, before it is said of which. */
export type EndpointChange = WithoutOwner<Extract<Change, { readonly type: `webhook_endpoint.${string}` }>>
