/** Something that happened, as it is told to others. No personal data. */
export interface OutgoingEvent {
  readonly id: string
  readonly at: Date
  readonly organizerId: string
  /** `booking.confirmed` */
  readonly type: string
  /** The booking, the refused booking request, or the thing of the catalogue. */
  readonly entityId: string
  /** 1, 2, 3 … per entity, without gaps. */
  readonly entitySeq: number
  readonly payload: Readonly<Record<string, unknown>>
  /** Place in the feed. */
  readonly position: number
}

/** Types that anybody can cause for nothing and as often as they like: they go to those that name them. */
const BY_NAME_ONLY: ReadonlySet<string> = new Set(['booking_request.refused'])

/**
 * Returns whether one of `filters` takes the type: itself (`booking.confirmed`) or its family (`booking.*`). No filters take all
 * types but `booking_request.refused`.
 */
export function takesEvent(filters: readonly string[], type: string): boolean {
  if (filters.length === 0) return !BY_NAME_ONLY.has(type)
  const family = `${type.slice(0, type.lastIndexOf('.'))}.*`
  return filters.includes(type) || filters.includes(family)
}

/** Types whose payload says whether somebody is mailed. */
export const READ_PAYLOADS = ['booking.cancelled', 'refund.completed', 'showtime.updated', 'event.updated']

export type MailKind = 'confirmation' | 'cancellation' | 'refund'

/** `payload` is `null` for types that are not among `READ_PAYLOADS`. */
interface TypedPayload {
  readonly type: string
  readonly payload: OutgoingEvent['payload'] | null
}

/**
 * Returns whether its showtime or event now takes place at another time or in another place, so that the buyers are to be told.
 */
export function tellsOfMove({ type, payload }: TypedPayload): boolean {
  if (type !== 'showtime.updated' && type !== 'event.updated') return false
  return payload !== null && ['startsAt', 'venue', 'timeZone'].some((field) => field in payload)
}

/**
 * Which mail tells the buyer of it, if any. A hold that ran out or was given up without being paid is no news to anyone;
 * one that the organizer cancelled is.
 */
export function mailAbout({ type, payload }: TypedPayload): MailKind | null {
  switch (type) {
    case 'booking.confirmed':
      return 'confirmation'
    case 'booking.cancelled':
      return payload?.['previousStatus'] === 'confirmed' || payload?.['reason'] === 'organizer' ? 'cancellation' : null
    case 'refund.completed':
      return 'refund'
    default:
      return null
  }
}
