import {
  type FactsOf,
  findOutgoingEvent,
  type MailKind,
  OUTGOING_EVENT_TYPES,
  type OutgoingEventType,
} from './outgoing-events.ts'

/** An outgoing event as it is stored. `payload` is `null` for types that are not among `READ_PAYLOADS`. */
interface StoredEvent {
  /** Any text: a newer version may have types that this one does not know. */
  readonly type: string
  readonly payload: Readonly<Record<string, unknown>> | null
}

/**
 * Returns whether one of `filters` takes the type: itself (`booking.confirmed`) or its family (`booking.*`). No filters take all
 * types but those that go only to endpoints that name them.
 */
export function takesOutgoingEvent(filters: readonly string[], type: string): boolean {
  if (filters.length === 0) return findOutgoingEvent(type)?.byNameOnly !== true
  const family = `${type.slice(0, type.lastIndexOf('.'))}.*`
  return filters.includes(type) || filters.includes(family)
}

/** Types whose payload says whether somebody is mailed. */
export const READ_PAYLOADS: readonly OutgoingEventType[] = OUTGOING_EVENT_TYPES.filter(
  (type) => findOutgoingEvent(type)?.mail?.condition !== undefined,
)

/** Returns the mail that the event is a reason for; `null` for none. */
export function mailAbout({ type, payload }: StoredEvent): MailKind | null {
  const rule = findOutgoingEvent(type)?.mail
  if (rule === undefined) return null
  if (rule.condition === undefined) return rule.kind
  // The payload is of the row's type: whoever writes one is held to it.
  return payload !== null && rule.condition.holds(payload as never) ? rule.kind : null
}

/** Returns what a `refund.completed` says; its payload is among `READ_PAYLOADS`. */
export function refundIn({ payload }: StoredEvent): Pick<FactsOf<'refund.completed'>, 'refundId' | 'amount'> {
  const { refundId, amount } = payload as FactsOf<'refund.completed'>
  return { refundId, amount }
}
