/**
 * One booking in one transaction, under the row lock of its showtime or event: what both baselines do. Everything the
 * product's deciders do for a batch is done here for a single request, with the same decision and the same rows.
 */
import { randomBytes } from 'node:crypto'
import type { Database } from '@boxoffice/core/db/connect.ts'
import { lockInventory, lockPromoCodesOf } from '@boxoffice/core/inventory/queries/lock-inventory.ts'
import { readSnapshot } from '@boxoffice/core/inventory/queries/read-snapshot.ts'
import { inTransaction } from '@boxoffice/core/db/transaction.ts'
import { drawReference } from '@boxoffice/core/domain/booking-reference.ts'
import type { BookingSummary } from '@boxoffice/core/domain/booking-request.ts'
import type { Refusal } from '@boxoffice/core/domain/refusals/refusal.ts'
import type { Logger } from '@boxoffice/core/runtime/logger.ts'
import { decideBatch } from '@boxoffice/core/booking-requests/deciding/decide-batch.ts'
import { decisionRows } from '@boxoffice/core/booking-requests/deciding/decision-rows.ts'
import { writeBooking } from './write-booking.ts'
import type { BaselineRequest } from './booking-body.ts'

/** The outcome of one request. */
export interface Outcome {
  readonly booking: BookingSummary | null
  readonly refusal: Refusal | null
}

/** Decides and writes one request. Throws the driver's errors: nothing was written then. */
export function bookOne(database: Database, logger: Logger, request: BaselineRequest): Promise<Outcome> {
  return inTransaction(database, async (tx) => {
    await lockInventory(tx, [request.resourceId], [])
    await lockPromoCodesOf(tx, [request])
    const { snapshot, now } = await readSnapshot(tx.client, [request])
    const decidedAtMs = Math.ceil(now)
    const decisions = decideBatch(snapshot, [request], decidedAtMs, logger)
    const rows = decisionRows(decisions, snapshot, () => drawReference(randomBytes), decidedAtMs)
    const [outcome] = rows.outcomes
    if (outcome === undefined) throw new Error('a batch of one has one outcome')
    const organizerId = snapshot.resources.get(request.resourceId)?.organizerId ?? null
    await writeBooking(tx, new Date(decidedAtMs).toISOString(), organizerId, request, outcome, rows)

    const { refusal, booking } = outcome
    if (booking === null) return { booking, refusal }
    const { bookingId: _, promoCodeId: __, promoTickets: ___, remindAt: ____, ...summary } = booking
    return { booking: summary, refusal: null }
  })
}
