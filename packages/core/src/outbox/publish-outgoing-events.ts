/**
 * Publishing outgoing events: each gets its place in the feed and is handed to the webhooks and the mail that want it, in
 * one transaction, so that it is handed over exactly once. What comes after is theirs, at least once.
 *
 * Keeps: whoever has read the feed up to a position has missed nothing below it: positions are given out and committed
 * under one lock. Nothing stops the feed (I10): a batch is bounded by events, bytes, deliveries and time; one that fails is
 * made smaller, and an event that fails alone is left out, with the later ones of its entity. It is tried again by itself,
 * after everything else, and parked in the end: then the later ones go on, and its number is missing until it is retried.
 * Locks: the feed's row (SKIP LOCKED: one process publishes at a time, the others have nothing to do).
 *
 * The tempting wrong way is to queue the mails of a move here: a large event would take longer than a statement may.
 */
import { BatchLimit } from '../use-case/batch-limit.ts'
import type { Database } from '../db/connect.ts'
import { findActiveEndpoints } from './queries/find-active-endpoints.ts'
import { findRefundsToldByCancellation } from './queries/find-refunds-told.ts'
import { insertDeliveries, insertMails, type NewMail } from './queries/insert-notices.ts'
import { insertPendingMoves } from './queries/pending-moves.ts'
import {
  findSetAside,
  findUnpublished,
  type LockedFeed,
  lockFeed,
  publishInOrder,
  type UnpublishedOutgoingEvent,
} from './queries/publish-outgoing-events.ts'
import { clearSetbacks } from '../setbacks/queries/record-setback.ts'
import { inTransaction, type Transaction } from '../db/transaction.ts'
import { EndpointIndex } from '../domain/endpoint-index.ts'
import { mailAbout, refundIn } from '../domain/outgoing-events/outgoing-event-recipients.ts'
import type { Logger } from '../runtime/logger.ts'
import { newId } from '../runtime/new-id.ts'
import { Pace } from '../use-case/pace.ts'
import { setAside } from '../setbacks/set-aside.ts'

const MAX_BATCH = 500
/** Rows that a batch writes for webhooks, counted with its events. */
const MAX_ROWS = 10_000
/** Bytes of payloads in a batch, as they are stored. */
const MAX_BYTES = 8_000_000
/** Time limit of a statement, many times what it takes: everybody waits for it. An event that was set aside gets longer. */
const WITHIN_MS = 400
const SET_ASIDE_WITHIN_MS = 2_000

/**
 * Returns how many milliseconds publishing rests after it has published so many events. In a rush it takes the
 * processor from deciding, and buyers who wait for their outcome come before readers of the feed.
 */
export const restMs = (published: number): number => (published < MAX_BATCH ? 250 : 1_000)

/** Batch sizes that publishing has learned, kept from one run to the next. */
const LEARNED = new BatchLimit({ max: MAX_ROWS })

/** Interval of looking at all events, whatever is settled: a mistake about that is to cost minutes, and not an event. */
const LOOK_AT_ALL_EVERY_MS = 60_000
let lookedAtAllAt = Number.NEGATIVE_INFINITY

function looksAtAll(): boolean {
  const now = performance.now()
  if (now - lookedAtAllAt < LOOK_AT_ALL_EVERY_MS) return false
  lookedAtAllAt = now
  return true
}

export interface PublishOptions {
  readonly stopping?: AbortSignal
  readonly logger?: Logger
  /** Rows that a batch may write; what this process has learned unless given. */
  readonly limits?: BatchLimit
}

/** The content of a batch, known also if it fails. */
interface Batch {
  events: readonly UnpublishedOutgoingEvent[]
  cost: number
  /** `true` if there may be more. */
  isFull: boolean
}

/** Publishes what there is; returns how many events. Throws where the database is not to be had. */
export async function publishOutgoingEvents(database: Database, options: PublishOptions = {}): Promise<number> {
  const pace = new Pace(options.limits ?? LEARNED, 'feed', MAX_BATCH)
  const next = async (tx: Transaction, batch: Batch) => {
    const feed = await lockFeed(tx, WITHIN_MS)
    if (feed === null) return
    const from = looksAtAll() ? { settledTo: '-infinity' } : feed
    const due = await findUnpublished(tx, from, { events: pace.rows, bytes: MAX_BYTES })
    await publishBatch(tx, { feed, due, areNext: true }, pace, batch)
  }
  let published = 0
  for (let isMore = true; isMore && options.stopping?.aborted !== true;) {
    const step = await takeStep(database, options, pace, next)
    published += step.published
    isMore = step.isMore
  }
  return published + (await publishSetAside(database, options))
}

/** Publishes what was set aside and is due, one by one, until one fails again: everybody waits for that. */
async function publishSetAside(database: Database, options: PublishOptions): Promise<number> {
  const pace = new Pace(new BatchLimit({ max: MAX_ROWS }), 'feed', 1)
  const next = async (tx: Transaction, batch: Batch) => {
    const feed = await lockFeed(tx, SET_ASIDE_WITHIN_MS)
    if (feed !== null) await publishBatch(tx, { feed, due: await findSetAside(tx), areNext: false }, pace, batch)
  }
  let published = 0
  while (options.stopping?.aborted !== true) {
    const step = await takeStep(database, options, pace, next)
    if (step.published === 0) break
    published += step.published
  }
  return published
}

/**
 * Publishes one batch, or reacts to its failure: with a smaller one, or by setting aside the event that was alone in
 * it.
 */
async function takeStep(
  database: Database,
  { logger }: PublishOptions,
  pace: Pace,
  publish: (tx: Transaction, batch: Batch) => Promise<void>,
): Promise<{ readonly published: number; readonly isMore: boolean }> {
  const batch: Batch = { events: [], cost: 0, isFull: false }
  try {
    await inTransaction(database, (tx) => publish(tx, batch))
  } catch (error) {
    const then = pace.onFailed(error, batch.events.length || pace.rows, batch.cost || pace.cost)
    if (then === 'smaller') return { published: 0, isMore: true }
    const [event] = batch.events
    if (then === 'later' || event === undefined) throw error
    const { id: subjectId, entityId } = event
    await setAside({ pool: database.pool, logger }, { kind: 'event', subjectId, entityId }, error)
    return { published: 0, isMore: true }
  }
  if (batch.events.length > 0) pace.onDone(batch.events.length, batch.cost)
  return { published: batch.events.length, isMore: batch.isFull }
}

interface Due {
  readonly feed: LockedFeed
  readonly due: readonly UnpublishedOutgoingEvent[]
  /** `true` if nothing comes before them that is not set aside. */
  readonly areNext: boolean
}

/** Publishes as many of these as one batch may have. Needs the lock of the feed. */
async function publishBatch(tx: Transaction, { feed, due, areNext }: Due, pace: Pace, batch: Batch): Promise<void> {
  if (due.length === 0) return
  const organizers = [...new Set(due.map(({ organizerId }) => organizerId))]
  const endpoints = new EndpointIndex(await findActiveEndpoints(tx, organizers))
  const takers = due.map((event) => endpoints.takersOf(event))
  const costs = takers.map((those) => 1 + those.length)
  const events = due.slice(0, pace.fit(costs))
  batch.events = events
  batch.cost = costs.slice(0, events.length).reduce((sum, cost) => sum + cost, 0)
  batch.isFull = due.length === pace.rows || events.length < due.length

  await publishInOrder(tx, feed, events, areNext)
  await insertDeliveries(
    tx,
    events.flatMap(({ id: eventId, exactAt: eventAt, type: eventType, entityId, entitySeq }, index) =>
      (takers[index] ?? []).map(({ id: endpointId }) => ({
        id: newId(),
        endpointId,
        eventId,
        eventAt,
        eventType,
        entityId,
        entitySeq,
      })),
    ),
  )
  await queueMails(tx, events)
  await clearSetbacks(
    tx,
    'event',
    events.map(({ id }) => id),
  )
}

/** Queues mails: one act, one mail. A refund that a cancellation's mail reports has none of its own. */
async function queueMails(tx: Transaction, events: readonly UnpublishedOutgoingEvent[]): Promise<void> {
  const acts: NewMail[] = []
  const refunds: (NewMail & { readonly refundId: string })[] = []
  const moved = new Set<string>()
  for (const event of events) {
    const kind = mailAbout(event)
    const mail = { id: newId(), bookingId: event.entityId, eventId: event.id, amount: null }
    if (kind === 'move') moved.add(event.entityId)
    else if (kind === 'refund') refunds.push({ ...mail, kind, ...refundIn(event) })
    else if (kind !== null) acts.push({ ...mail, kind })
  }
  // First, for a cancellation and its refund may be published at once.
  await insertMails(tx, acts)
  const told = await findRefundsToldByCancellation(
    tx,
    refunds.map(({ refundId }) => refundId),
  )
  await insertMails(
    tx,
    refunds.filter(({ refundId }) => !told.has(refundId)),
  )
  await insertPendingMoves(
    tx,
    [...moved].map((resourceId) => ({ id: newId(), resourceId })),
  )
}
