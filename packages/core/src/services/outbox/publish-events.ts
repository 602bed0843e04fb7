/**
 * Publishing outgoing events: each gets its place in the feed and is handed to the webhooks and the mail that want it, in
 * one transaction, so that it is handed over exactly once. What comes after is theirs, at least once.
 *
 * Keeps: whoever has read the feed up to a position has missed nothing below it: positions are given out and committed
 * under one lock.
 * Locks: the feed's row (SKIP LOCKED: one process publishes at a time, the others have nothing to do).
 */
import type { Database } from '../../db/connect.ts'
import { and, eq, isNull } from '../../db/drizzle.ts'
import { findRefundsToldByCancellation } from '../../db/queries/find-refunds-told.ts'
import { insertDeliveries, insertMails } from '../../db/queries/insert-notices.ts'
import { insertMoveMails } from '../../db/queries/insert-move-mails.ts'
import { lockFeed, publishNext } from '../../db/queries/publish-events.ts'
import { webhookEndpoints } from '../../db/schema/index.ts'
import { inTransaction, type Transaction } from '../../db/transaction.ts'
import { mailAbout, type OutgoingEvent, takesEvent, tellsOfMove } from '../../domain/outgoing-event.ts'
import { newId } from '../new-id.ts'

const MAX_BATCH = 500

/**
 * How many milliseconds publishing rests after it has published so many events. In a rush it takes the processor from
 * deciding, and buyers who wait for their answer come before whoever reads the feed.
 */
export const restMs = (published: number): number => (published < MAX_BATCH ? 250 : 1_000)

/** Publishes what there is; returns how many events. */
export async function publishEvents(database: Database, stopping?: AbortSignal): Promise<number> {
  let published = 0
  while (stopping?.aborted !== true) {
    const batch = await inTransaction(database, publishBatch)
    published += batch
    if (batch < MAX_BATCH) break
  }
  return published
}

async function publishBatch(tx: Transaction): Promise<number> {
  const position = await lockFeed(tx)
  if (position === null) return 0
  const events = await publishNext(tx, position, MAX_BATCH)
  if (events.length === 0) return 0
  await insertDeliveries(tx, await deliveriesOf(tx, events))
  await queueMails(tx, events)
  return events.length
}

/** One act, one mail: a refund that a cancellation's mail tells of has none of its own. */
async function queueMails(tx: Transaction, events: readonly OutgoingEvent[]): Promise<void> {
  const wanted = events.flatMap((event) => {
    const kind = mailAbout(event)
    return kind === null ? [] : [{ kind, event }]
  })
  const [refunds, others] = [
    wanted.filter(({ kind }) => kind === 'refund'),
    wanted.filter(({ kind }) => kind !== 'refund'),
  ]
  const mailOf = ({ kind, event }: { readonly kind: string; readonly event: OutgoingEvent }) => ({
    id: newId(),
    bookingId: event.entityId,
    kind,
    eventId: event.id,
    amount: kind === 'refund' ? Number(event.payload['amount']) : null,
  })
  // First, for a cancellation and its refund may be published at once.
  await insertMails(tx, others.map(mailOf))
  const told = await findRefundsToldByCancellation(
    tx,
    refunds.map(({ event }) => String(event.payload['refundId'])),
  )
  await insertMails(tx, refunds.filter(({ event }) => !told.has(String(event.payload['refundId']))).map(mailOf))
  await insertMoveMails(tx, [...new Set(events.filter(tellsOfMove).map(({ entityId }) => entityId))])
}

async function deliveriesOf(tx: Transaction, events: readonly OutgoingEvent[]) {
  const endpoints = await tx.orm
    .select({
      id: webhookEndpoints.id,
      organizerId: webhookEndpoints.organizerId,
      eventTypes: webhookEndpoints.eventTypes,
    })
    .from(webhookEndpoints)
    .where(and(eq(webhookEndpoints.status, 'active'), isNull(webhookEndpoints.deletedAt)))
  return events.flatMap(({ id: eventId, at: eventAt, organizerId, type: eventType, entityId, entitySeq }) =>
    endpoints
      .filter((endpoint) => endpoint.organizerId === null || endpoint.organizerId === organizerId)
      .filter((endpoint) => takesEvent(endpoint.eventTypes, eventType))
      .map(({ id: endpointId }) => ({ id: newId(), endpointId, eventId, eventAt, eventType, entityId, entitySeq })),
  )
}
