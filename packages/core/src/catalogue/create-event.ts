import { events } from '../db/schema/index.ts'
import type { Transaction } from '../db/transaction.ts'
import { EVENT, type EVENT_HOUSE, type QUOTAS } from '../fields/event.ts'
import { type New, withDefaults } from '../fields/field.ts'
import { recordNewResource } from '../records/record-changes.ts'
import { newId } from '../runtime/new-id.ts'
import { type CategoryPrices, insertPrices, readCategories, resolvePrices } from './category-prices.ts'
import { createResource, type NewResource } from './create-resource.ts'
import { requireLayout } from './create-showtime.ts'
import { FieldErrors } from './field-errors.ts'
import { requireOrganizer, requireOwned } from './ownership.ts'
import { placeAreas } from './place-areas.ts'
import { resolveQuotas } from './quotas.ts'
import { insertTicketTypes, type NewTicketType } from './ticket-types.ts'

export interface CreateEvent extends NewResource, New<typeof EVENT>, New<typeof EVENT_HOUSE>, New<typeof QUOTAS> {
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
 * @throws Problem `not_found` for the organizer, `invalid_request` for the lane or a quota
 */
export async function createEvent(tx: Transaction, input: CreateEvent): Promise<CreatedEvent> {
  const { organizerId } = input
  await requireOrganizer(tx, organizerId)
  const house = await houseOf(tx, input)
  const ticketTypes = input.ticketTypes.map((type) => ({ ...type, id: type.id ?? newId() }))
  const quotas = resolveQuotas(ticketTypes, input.quotas ?? [])
  const { id: eventId, lane, terms } = await createResource(tx, 'event', input)
  const { description, ...row } = withDefaults(EVENT, input)
  await tx.orm.insert(events).values({ id: eventId, description, ...row, quotas, layoutId: house?.layoutId ?? null })
  if (house !== null) {
    await insertPrices(tx, eventId, house.prices)
    await placeAreas(tx, eventId, house.layoutId)
  }
  const types = await insertTicketTypes(tx, { id: eventId, organizerId }, 0, ticketTypes)
  const prices = [...(house?.prices ?? [])].flatMap(([categoryId, price]) =>
    price === null ? [] : [{ categoryId, ...price }],
  )
  const after = { ...row, quotas, layoutId: house?.layoutId ?? null, lane, ...terms, prices }
  await recordNewResource(tx, input, { organizerId, type: 'event.created', entityId: eventId, after }, types)
  return { eventId, ticketTypeIds: types.map((type) => type.entityId), lane }
}

interface HouseOfEvent {
  readonly layoutId: string
  readonly prices: ReadonlyMap<string, CategoryPrices | null>
}

/** Returns the layout and the prices of an event that has a house, else `null`. */
async function houseOf(tx: Transaction, input: CreateEvent): Promise<HouseOfEvent | null> {
  const { organizerId, auditoriumId = null, layoutVersion, prices, rates = [] } = input
  if (auditoriumId === null) {
    const problems = new FieldErrors()
    for (const [field, value] of Object.entries({ layoutVersion, prices })) {
      problems.require(value === undefined, `/${field}`, 'An event without an auditoriumId has none.')
    }
    problems.throwIfAny()
    return null
  }
  await requireOwned(tx, 'auditorium', organizerId, auditoriumId)
  const layoutId = await requireLayout(tx, auditoriumId, layoutVersion)
  return { layoutId, prices: resolvePrices(await readCategories(tx, layoutId), prices ?? [], rates) }
}
