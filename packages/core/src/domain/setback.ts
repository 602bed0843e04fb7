/** Work that can fail alone and be set aside. */
export const SETBACK_KINDS = ['event', 'cancellation', 'expiry', 'closing', 'move', 'mail'] as const

export type SetbackKind = (typeof SETBACK_KINDS)[number]

const SECOND = 1_000
const MINUTE = 60 * SECOND

/**
 * Pauses after each failure of work that fails alone, in ms: the first failure may have been a coincidence. After one
 * more it is parked, some 13 minutes after the first.
 */
export const SETBACK_PAUSES_MS: readonly number[] = [0, 5 * SECOND, 30 * SECOND, 2 * MINUTE, 10 * MINUTE]
