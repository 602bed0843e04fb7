import type { Database } from '../db/connect.ts'
import { lockBooking, type BookingIdentity, type LockedBooking } from './queries/lock-bookings.ts'
import { lockInventory } from '../inventory/queries/lock-inventory.ts'
import { readClock } from '../db/read-clock.ts'
import { sqlState } from '../db/sql-errors.ts'
import { inTransaction, type Transaction } from '../db/transaction.ts'
import type { Logger } from '../runtime/logger.ts'
import type { PaymentProviders } from '../payments/providers.ts'
import { PAYLOAD_VERSION, type Signal } from '../queue/payloads.ts'
import { withRetries } from '../runtime/retry.ts'

/** What the life of a booking needs, after it was booked. */
export interface LifecycleDependencies {
  /** A pool of its own: a rush of payments must not keep a lane from being decided. */
  readonly database: Database
  readonly logger: Logger
  readonly providers: PaymentProviders
  /** Tells the API processes that availability changed. Must not throw; called after the commit and not waited for. */
  readonly announce: (signal: Signal) => void
}

/**
 * Runs a change in a transaction, and again should it lose a lock to another one (deadlock, lock timeout): nothing of it
 * was committed then. Not for lost connections, after which nobody knows.
 */
export function transact<T>(database: Database, change: (tx: Transaction) => Promise<T>): Promise<T> {
  const isRetried = (error: unknown) => LOST_LOCKS.has(sqlState(error) ?? '')
  return withRetries({ attempts: 3, baseMs: 20, capMs: 200, isRetried }, () => inTransaction(database, change))
}

/** deadlock_detected, lock_not_available, serialization_failure (PostgreSQL manual, appendix A). */
const LOST_LOCKS: ReadonlySet<string> = new Set(['40P01', '55P03', '40001'])

/** The news that a resource's availability has a new version. */
export function availabilitySignal(resourceId: string, version: number): Signal {
  return { v: PAYLOAD_VERSION, versions: { [resourceId]: version } }
}

/** Locks what a change of a booking's inventory needs, in the one order: resource → promo code → booking. */
export async function lockBookingWithInventory(tx: Transaction, booking: BookingIdentity): Promise<LockedBooking> {
  await lockInventory(tx, [booking.resourceId], booking.promoCodeId === null ? [] : [booking.promoCodeId])
  return lockBooking(tx, booking.id)
}

/** The database's clock in whole milliseconds, rounded up: a change must not seem older than what it is about. */
export async function readNow(tx: Transaction): Promise<Date> {
  return new Date(Math.ceil(await readClock(tx)))
}
