import type { Check } from '../check.ts'
import { INVENTORY_CHECKS } from './inventory.ts'
import { LINE_CHECKS } from './line.ts'
import { MONEY_CHECKS } from './money.ts'
import { RECORD_CHECKS } from './records.ts'

/** Checks of bookings and all that belongs to them. They hold at any moment, however bookings were made. */
export const BOOKING_CHECKS: readonly Check[] = [...INVENTORY_CHECKS, ...MONEY_CHECKS, ...RECORD_CHECKS]

/** Everything that holds of the product at any moment. */
export const PRODUCT_CHECKS: readonly Check[] = [...BOOKING_CHECKS, ...LINE_CHECKS]
