import { readReinstatement } from '../inventory/queries/read-reinstatement.ts'
import { readSnapshot } from '../inventory/queries/read-snapshot.ts'
import type { LockedBooking } from './queries/lock-bookings.ts'
import { takeInventory } from '../inventory/queries/take-inventory.ts'
import type { Transaction } from '../db/transaction.ts'
import { decide } from '../domain/decide.ts'

/**
 * Takes the places of a booking again that had run out of time, by the same rules by which its request was decided, at
 * the time at which that was accepted. Its price stays: it was paid. Needs the locks of the resource, of the promo code
 * and of the booking.
 *
 * @returns the resource's new version; `null` where the places are gone, where it has begun or is off sale.
 */
export async function reinstateInventory(tx: Transaction, booking: LockedBooking, now: Date): Promise<number | null> {
  if (now.getTime() >= booking.startsAtMs) return null
  const request = { ...(await readReinstatement(tx, booking.id)), resourceId: booking.resourceId, expectedTotal: null }
  const { snapshot } = await readSnapshot(tx.client, [request])
  const decision = decide(snapshot, request, now.getTime())
  return decision.outcome === 'booked' ? takeInventory(tx, booking.resourceId, booking.id) : null
}
