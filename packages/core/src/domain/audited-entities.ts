import { OUTGOING_EVENT_FAMILIES } from './outgoing-events.ts'

/**
 * What changes are recorded about: the `entity` of audit rows. Lanes and parked work belong to the service itself: what
 * happens to them is audited and told to nobody.
 */
export const AUDITED_ENTITIES = [...OUTGOING_EVENT_FAMILIES, 'lane', 'parked'] as const
