import type { Database } from '../db/connect.ts'
import { lockBooking, type BookingIdentity, type LockedBooking } from './queries/lock-bookings.ts'
import { lockInventory } from '../inventory/queries/lock-inventory.ts'
import type { Transaction } from '../db/transaction.ts'
import type { Logger } from '../runtime/logger.ts'
import type { PaymentProviders } from '../payments/providers.ts'
import type { Signal } from '../queue/payloads.ts'

/** Dependencies of the life of a booking after it was booked. */
export interface LifecycleDependencies {
  /** A pool of its own: a rush of payments must not keep lines from being decided. */
  readonly database: Database
  readonly logger: Logger
  readonly providers: PaymentProviders
  /** Tells the API processes that availability changed. Must not throw; called after the commit and not waited for. */
  readonly announce: (signal: Signal) => void
}

/** Locks what a change of a booking's inventory needs, in the one order: resource → promo code → booking. */
export async function lockBookingWithInventory(tx: Transaction, booking: BookingIdentity): Promise<LockedBooking> {
  await lockInventory(tx, [booking.resourceId], booking.promoCodeId === null ? [] : [booking.promoCodeId])
  return lockBooking(tx, booking.id)
}
