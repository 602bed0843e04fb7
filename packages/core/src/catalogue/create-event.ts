import { events } from '../db/schema/index.ts'
import type { Transaction } from '../db/transaction.ts'
import { checkResource, createResource, type ResourceInput } from './create-resource.ts'
import { FieldErrors } from './field-errors.ts'
import { requireOrganizer } from './ownership.ts'
import { type CreatedBy, recordNewResource } from '../records/record-changes.ts'
import { requireCurrency, requireName, requireText, requireTimeZone, requireWindow } from './rules.ts'
import { checkTicketType, insertTicketTypes, type TicketTypeInput } from './ticket-types.ts'

export interface CreateEvent extends CreatedBy, ResourceInput {
  readonly title: string
  readonly description?: string | undefined
  /** Where it is, as the ticket prints it. */
  readonly venue: string
  /** IANA name; tickets print local times. */
  readonly timeZone: string
  readonly startsAt: Date
  readonly endsAt: Date
  /** `draft` unless given. */
  readonly status?: 'draft' | 'published' | 'cancelled' | undefined
  readonly currency: string
  readonly ticketTypes: readonly TicketTypeInput[]
}

export interface CreatedEvent {
  readonly eventId: string
  /** In the order of the input. */
  readonly ticketTypeIds: readonly string[]
  readonly lane: number
}

/**
 * An event with its ticket types; a draft may have none yet.
 *
 * @throws Problem `invalid_request`, `not_found` for the organizer
 */
export async function createEvent(tx: Transaction, input: CreateEvent): Promise<CreatedEvent> {
  const { organizerId, title, description = '', venue, timeZone, startsAt, endsAt, status = 'draft', currency } = input
  const problems = new FieldErrors()
  checkResource(problems, input)
  requireName(problems, '/title', title)
  requireText(problems, '/description', description)
  requireName(problems, '/venue', venue)
  requireTimeZone(problems, '/timeZone', timeZone)
  requireWindow(problems, '/startsAt', '/endsAt', startsAt, endsAt)
  requireCurrency(problems, '/currency', currency)
  for (const [index, type] of input.ticketTypes.entries()) checkTicketType(problems, `/ticketTypes/${index}`, type)
  problems.throwIfAny()
  await requireOrganizer(tx, organizerId)

  const { id: eventId, lane, ...terms } = await createResource(tx, 'event', input)
  const row = { title, venue, timeZone, startsAt, endsAt, status, currency }
  await tx.orm.insert(events).values({ id: eventId, description, ...row })
  const types = await insertTicketTypes(tx, { id: eventId, organizerId }, 0, input.ticketTypes)
  const created = { organizerId, entity: 'event', entityId: eventId, after: { ...row, lane, ...terms } } as const
  await recordNewResource(tx, input, created, types)
  return { eventId, ticketTypeIds: types.map((type) => type.entityId), lane }
}
