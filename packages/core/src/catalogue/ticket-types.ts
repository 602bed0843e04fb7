import { count, eq, max } from '../db/drizzle.ts'
import { events, ticketTypes, ticketTypeState } from '../db/schema/index.ts'
import type { Transaction } from '../db/transaction.ts'
import { MAX_TICKET_TYPES, TICKET_TYPE } from '../fields/event.ts'
import { type New, withDefaults } from '../fields/field.ts'
import type { NewTicketType as TicketTypeCreated } from '../records/change.ts'
import { recordChanges } from '../records/record-changes.ts'
import { newId } from '../runtime/new-id.ts'
import { Problem } from '../use-case/problem.ts'
import { requireNotCancelled } from './change-resource.ts'
import { lockResource, raiseVersion, type ResourceChange } from './lock-resource.ts'

export type NewTicketType = New<typeof TICKET_TYPE> & { readonly id?: string | undefined }

export interface AddTicketType extends ResourceChange {
  readonly eventId: string
  readonly ticketType: NewTicketType
}

/**
 * Adds a ticket type to an event. Locks the event's state: ticket types have no lock of their own.
 *
 * @throws Problem `invalid_request`, `not_found`, `invalid_transition` for a cancelled event
 */
export async function addTicketType(
  tx: Transaction,
  input: AddTicketType,
): Promise<{ readonly ticketTypeId: string; readonly version: number }> {
  const { eventId, ticketType } = input
  const { organizerId } = await lockResource(tx, 'event', eventId, input.organizerId)
  const [event] = await tx.orm.select({ status: events.status }).from(events).where(eq(events.id, eventId))
  if (event !== undefined) requireNotCancelled('event', event.status)

  const [last] = await tx.orm
    .select({ position: max(ticketTypes.position), types: count() })
    .from(ticketTypes)
    .where(eq(ticketTypes.eventId, eventId))
  if ((last?.types ?? 0) >= MAX_TICKET_TYPES) {
    const detail = `An event has at most ${MAX_TICKET_TYPES} ticket types.`
    throw new Problem('invalid_request', { errors: [{ pointer: '', detail }] })
  }
  const created = await insertTicketTypes(tx, { id: eventId, organizerId }, (last?.position ?? -1) + 1, [ticketType])
  await recordChanges(tx, input, created)
  const [type] = created
  if (type === undefined) throw new Error('no ticket type was inserted')
  return { ticketTypeId: type.entityId, version: await raiseVersion(tx, eventId) }
}

/**
 * Inserts ticket types with their counters, in the order of the input, and returns what the audit says of them.
 *
 * @param firstPosition of the first one among the event's ticket types.
 */
export async function insertTicketTypes(
  tx: Transaction,
  event: { readonly id: string; readonly organizerId: string },
  firstPosition: number,
  inputs: readonly NewTicketType[],
): Promise<TicketTypeCreated[]> {
  if (inputs.length === 0) return []
  const rows = inputs.map((input, index) => {
    const row = withDefaults(TICKET_TYPE, input)
    const maxPerBooking = row.maxPerBooking ?? Math.max(10, row.minPerBooking)
    return { id: input.id ?? newId(), eventId: event.id, position: firstPosition + index, ...row, maxPerBooking }
  })
  await tx.orm.insert(ticketTypes).values(rows)
  await tx.orm.insert(ticketTypeState).values(rows.map(({ id, capacity }) => ({ ticketTypeId: id, capacity })))
  return rows.map(({ id, ...after }) => ({
    organizerId: event.organizerId,
    type: 'ticket_type.created',
    entityId: id,
    after,
  }))
}
