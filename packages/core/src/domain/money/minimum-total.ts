import type { Minor } from './money.ts'

/** Returns the smallest total above nothing that can be paid in a currency (ISO 4217), in minor units; 0 is any. */
export type MinimumTotals = (currency: string) => Minor

export const NO_MINIMUM: MinimumTotals = () => 0
