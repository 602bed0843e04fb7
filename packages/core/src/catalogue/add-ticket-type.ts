/**
 * Another ticket type of an event.
 *
 * Locks: the event's state: ticket types have no lock of their own.
 */
import { count, eq, max } from '../db/drizzle.ts'
import { events, ticketTypes } from '../db/schema/index.ts'
import type { Transaction } from '../db/transaction.ts'
import { FieldErrors } from './field-errors.ts'
import { lockResource, raiseVersion, type ResourceChange } from './lock-resource.ts'
import { recordCreation } from '../records/record-changes.ts'
import { requireNotCancelled } from './resource-status.ts'
import { checkTicketType, insertTicketTypes, MAX_TICKET_TYPES, type TicketTypeInput } from './ticket-types.ts'

export interface AddTicketType extends ResourceChange {
  readonly eventId: string
  readonly ticketType: TicketTypeInput
}

/** @throws Problem `invalid_request`, `not_found`, `invalid_transition` for a cancelled event */
export async function addTicketType(
  tx: Transaction,
  input: AddTicketType,
): Promise<{ readonly ticketTypeId: string; readonly version: number }> {
  const { eventId, ticketType } = input
  const problems = new FieldErrors()
  checkTicketType(problems, '', ticketType)
  problems.throwIfAny()
  const { organizerId } = await lockResource(tx, 'event', eventId, input.organizerId)
  const [event] = await tx.orm.select({ status: events.status }).from(events).where(eq(events.id, eventId))
  if (event !== undefined) requireNotCancelled('event', event.status)

  const [last] = await tx.orm
    .select({ position: max(ticketTypes.position), types: count() })
    .from(ticketTypes)
    .where(eq(ticketTypes.eventId, eventId))
  problems.require((last?.types ?? 0) < MAX_TICKET_TYPES, '', `An event has at most ${MAX_TICKET_TYPES} ticket types.`)
  problems.throwIfAny()
  const created = await insertTicketTypes(tx, { id: eventId, organizerId }, (last?.position ?? -1) + 1, [ticketType])
  await recordCreation(tx, input, created)
  const [type] = created
  if (type === undefined) throw new Error('no ticket type was inserted')
  return { ticketTypeId: type.entityId, version: await raiseVersion(tx, eventId) }
}
