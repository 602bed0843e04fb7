/**
 * Changing a ticket type.
 *
 * Keeps: I1 (its capacity is never below what is sold), I6 (counts per customer are right from the moment on at which
 * there is a limit: they are not kept before; see `count-customers.ts`). I7.
 * Locks: the event's state: ticket types have no lock of their own.
 */
import { and, eq } from '../db/drizzle.ts'
import { events, ticketTypes, ticketTypeState } from '../db/schema/index.ts'
import type { Transaction } from '../db/transaction.ts'
import { TICKET_TYPE, ticketTypeRules } from '../fields/event.ts'
import { type Changes, fieldsOf } from '../fields/field.ts'
import { CountFirstError, type CustomerCounts } from './count-customers.ts'
import { differences } from '../records/differences.ts'
import { requireRules } from './field-errors.ts'
import { lockResource, raiseVersion, type ResourceChange } from './lock-resource.ts'
import { recordChanges } from '../records/record-changes.ts'
import { notFound, Problem } from '../use-case/problem.ts'
import { requireNotCancelled } from './change-resource.ts'

export interface UpdateTicketType extends ResourceChange, Changes<typeof TICKET_TYPE> {
  readonly eventId: string
  readonly ticketTypeId: string
}

/**
 * Changes a ticket type. Called by `withCounts`, for a limit per customer that begins.
 *
 * @returns the event's new version; `null` where nothing changed
 * @throws Problem `invalid_request`, `not_found`, `invalid_transition` for a cancelled event
 * @throws Problem `in_use` for a capacity below what is sold
 * @throws CountFirstError where a limit per customer begins, without `counts`
 */
export async function updateTicketType(
  tx: Transaction,
  input: UpdateTicketType,
  counts: CustomerCounts | null,
): Promise<number | null> {
  const { eventId, ticketTypeId } = input
  const resource = await lockResource(tx, 'event', eventId, input.organizerId)
  const [found] = await tx.orm
    .select({ type: ticketTypes, state: ticketTypeState, status: events.status })
    .from(ticketTypes)
    .innerJoin(ticketTypeState, eq(ticketTypeState.ticketTypeId, ticketTypes.id))
    .innerJoin(events, eq(events.id, ticketTypes.eventId))
    .where(and(eq(ticketTypes.id, ticketTypeId), eq(ticketTypes.eventId, eventId)))
  if (found === undefined) throw notFound('ticket type')
  requireNotCancelled('event', found.status)

  const { maxPerCustomer } = found.type
  const { capacity, sold } = found.state
  const current = fieldsOf(TICKET_TYPE, found.type)
  const row = differences(current, input)
  const size = differences({ capacity }, input)
  if (row === null && size === null) return null
  const wanted = { ...current, capacity, ...row?.after, ...size?.after }
  requireRules(ticketTypeRules(wanted))
  if (wanted.capacity < sold) {
    throw new Problem('in_use', {
      detail: `${sold} tickets are held or sold, which is more than ${wanted.capacity}.`,
      facts: {
        sold,
      },
    })
  }

  if (maxPerCustomer === null && wanted.maxPerCustomer !== null) {
    if (counts === null) throw new CountFirstError({ kind: 'ticket_type', id: ticketTypeId, eventId })
    await counts.bringUpToDate(tx)
  }
  if (row !== null) await tx.orm.update(ticketTypes).set(row.after).where(eq(ticketTypes.id, ticketTypeId))
  if (size !== null) {
    await tx.orm.update(ticketTypeState).set(size.after).where(eq(ticketTypeState.ticketTypeId, ticketTypeId))
  }
  await recordChanges(tx, input, [
    {
      organizerId: resource.organizerId,
      type: 'ticket_type.updated',
      entityId: ticketTypeId,
      before: { ...row?.before, ...size?.before },
      after: { ...row?.after, ...size?.after },
    },
  ])
  return raiseVersion(tx, eventId)
}
