/**
 * What changes are recorded about: the `entity` of audit rows, and the family of outgoing events, which is what stands
 * before the dot of their types.
 */
export const EVENT_FAMILIES = [
  'booking',
  'booking_request',
  'payment',
  'refund',
  'ticket',
  'showtime',
  'event',
  'ticket_type',
  'promo_code',
  'venue',
  'auditorium',
  'layout',
  'movie',
  'organizer',
  'api_key',
  'webhook_endpoint',
] as const

/** Lanes and parked work belong to the service itself: what happens to them is audited and told to nobody. */
export const AUDITED_ENTITIES = [...EVENT_FAMILIES, 'lane', 'parked'] as const

export type EventFamily = (typeof EVENT_FAMILIES)[number]
