import { events } from '../db/schema/index.ts'
import type { Transaction } from '../db/transaction.ts'
import { EVENT } from '../fields/event.ts'
import { type New, withDefaults } from '../fields/field.ts'
import { recordNewResource } from '../records/record-changes.ts'
import { createResource, type NewResource } from './create-resource.ts'
import { requireOrganizer } from './ownership.ts'
import { insertTicketTypes, type NewTicketType } from './ticket-types.ts'

export interface CreateEvent extends NewResource, New<typeof EVENT> {
  readonly ticketTypes: readonly NewTicketType[]
}

export interface CreatedEvent {
  readonly eventId: string
  /** Ids in the order of the input. */
  readonly ticketTypeIds: readonly string[]
  readonly lane: number
}

/**
 * Makes an event with its ticket types; a draft may have none yet.
 *
 * @throws Problem `not_found` for the organizer, `invalid_request` for the lane
 */
export async function createEvent(tx: Transaction, input: CreateEvent): Promise<CreatedEvent> {
  const { organizerId } = input
  await requireOrganizer(tx, organizerId)
  const { id: eventId, lane, terms } = await createResource(tx, 'event', input)
  const { description, ...row } = withDefaults(EVENT, input)
  await tx.orm.insert(events).values({ id: eventId, description, ...row })
  const types = await insertTicketTypes(tx, { id: eventId, organizerId }, 0, input.ticketTypes)
  const after = { ...row, lane, ...terms }
  await recordNewResource(tx, input, { organizerId, type: 'event.created', entityId: eventId, after }, types)
  return { eventId, ticketTypeIds: types.map((type) => type.entityId), lane }
}
