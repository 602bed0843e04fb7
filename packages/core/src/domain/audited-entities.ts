import { OUTGOING_EVENT_FAMILIES } from './outgoing-events/outgoing-events.ts'

/**
 * Kinds of things that changes are recorded about: the `entity` of audit rows. Lanes and parked work belong to the
 * service itself: their changes are audited and are no outgoing events.
 */
export const AUDITED_ENTITIES = [...OUTGOING_EVENT_FAMILIES, 'lane', 'parked'] as const
