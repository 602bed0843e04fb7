import { readReinstatement } from '../inventory/queries/read-reinstatement.ts'
import { readSnapshot } from '../inventory/queries/read-snapshot.ts'
import type { LockedBooking } from './queries/lock-bookings.ts'
import { takeInventory } from '../inventory/queries/take-inventory.ts'
import type { Transaction } from '../db/transaction.ts'
import { decide } from '../domain/decide.ts'

/** Terms of a code that counts for everything: its own may have changed since it was used. */
const FOR_EVERYTHING = {
  ticketTypeIds: null,
  categories: null,
  rates: null,
  maxTickets: null,
  maxTicketsPerBooking: null,
} as const

/**
 * Takes the places of a booking again that had run out of time, by the same rules by which its request was decided, at
 * the time at which that was accepted. Its price stays: it was paid. Needs the locks of the resource, of the promo code
 * and of the booking.
 *
 * @returns the resource's new version; `null` where the places are gone, where it is over or off sale. A festival's second
 * day is a day that was paid for: what has begun can still be had.
 */
export async function reinstateInventory(tx: Transaction, booking: LockedBooking, now: Date): Promise<number | null> {
  const { request: asked, promoTickets } = await readReinstatement(tx, booking.id)
  const request = {
    ...asked,
    resourceId: booking.resourceId,
    expectedTotal: null,
    // It was sold once: what the public may not choose any more does not take it back.
    seller: 'house' as const,
  }
  const { snapshot } = await readSnapshot(tx.client, [request])
  const resource = snapshot.resources.get(booking.resourceId)
  if (resource === undefined || now.getTime() >= resource.endsAt) return null
  const promoCodes = new Map([...snapshot.promoCodes].map(([key, code]) => [key, { ...code, ...FOR_EVERYTHING }]))
  const decision = decide({ ...snapshot, promoCodes }, request, now.getTime())
  if (decision.outcome !== 'booked') return null
  // The booking has the discount that it was sold at, for as many places.
  for (const { maxTickets, tickets } of snapshot.promoCodes.values()) {
    if (maxTickets !== null && tickets + promoTickets > maxTickets) return null
  }
  return takeInventory(tx, booking.resourceId, booking.id)
}
