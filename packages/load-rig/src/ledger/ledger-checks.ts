import type { LedgerCheck } from './check.ts'
import { INVENTORY_CHECKS } from './inventory.ts'
import { LINE_CHECKS } from './line.ts'
import { MONEY_CHECKS } from './money.ts'
import { RECORD_CHECKS } from './records.ts'

/** What holds of bookings and all that belongs to them at any moment, however they were made. */
export const BOOKING_CHECKS: readonly LedgerCheck[] = [...INVENTORY_CHECKS, ...MONEY_CHECKS, ...RECORD_CHECKS]

/** Everything that holds of the product at any moment. */
export const PRODUCT_CHECKS: readonly LedgerCheck[] = [...BOOKING_CHECKS, ...LINE_CHECKS]
