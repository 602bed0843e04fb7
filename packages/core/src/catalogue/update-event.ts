/**
 * Changing an event, putting it on sale and taking it off.
 *
 * Keeps: what was booked stays booked. I1: no quota is below what its ticket types have sold. I7.
 * Locks: the resource's state, as deciding does; then the layout that it is moved to, FOR KEY SHARE.
 */
import { eq } from '../db/drizzle.ts'
import { events, ticketTypes, ticketTypeState } from '../db/schema/index.ts'
import type { Transaction } from '../db/transaction.ts'
import type { Quota } from '../domain/quota.ts'
import { EVENT, type EVENT_HOUSE, eventRules, type QUOTAS } from '../fields/event.ts'
import { type Changes, fieldsOf } from '../fields/field.ts'
import type { TERMS } from '../fields/resource.ts'
import { notFound } from '../use-case/problem.ts'
import { finishChange, requireChangeable } from './change-resource.ts'
import { differences } from '../records/differences.ts'
import { changePrices } from './category-prices.ts'
import { requireLayout } from './create-showtime.ts'
import { FieldErrors, requireRules } from './field-errors.ts'
import { type LockedResource, lockResource, type ResourceChange } from './lock-resource.ts'
import { requireRoom, resolveQuotas } from './quotas.ts'
import { moveToLayout } from './move-to-layout.ts'

export interface UpdateEvent
  extends
    ResourceChange,
    Omit<Changes<typeof EVENT>, 'status'>,
    Changes<typeof TERMS>,
    Changes<typeof EVENT_HOUSE>,
    Changes<typeof QUOTAS> {
  readonly eventId: string
  readonly status?: 'draft' | 'published' | undefined
}

/**
 * Changes an event.
 *
 * @returns the resource's new version; `null` where nothing changed
 * @throws Problem `invalid_request`, `not_found`, `invalid_transition` for a cancelled event
 * @throws Problem `in_use`, `not_on_sale`
 */
export async function updateEvent(tx: Transaction, input: UpdateEvent): Promise<number | null> {
  const { eventId } = input
  const resource = await lockResource(tx, 'event', eventId, input.organizerId)
  const [found] = await tx.orm.select().from(events).where(eq(events.id, eventId))
  if (found === undefined) throw notFound('event')
  const { startsAt = found.startsAt, endsAt = found.endsAt } = input
  requireRules(eventRules({ startsAt, endsAt }))
  const what = await requireChangeable(tx, resource, found, input)
  const house = await changeHouse(tx, resource, found, input)
  const row = differences(
    { layoutId: found.layoutId, ...fieldsOf(EVENT, found) },
    { ...input, layoutId: house.layoutId },
  )
  if (row !== null) await tx.orm.update(events).set(row.after).where(eq(events.id, eventId))
  const shared = differences({ quotas: found.quotas }, { quotas: await resolveGiven(tx, input) })
  if (shared !== null) await tx.orm.update(events).set(shared.after).where(eq(events.id, eventId))
  return finishChange(tx, input, resource, what, input, [row, house.prices, shared])
}

async function resolveGiven(tx: Transaction, { eventId, quotas: given }: UpdateEvent): Promise<Quota[] | undefined> {
  if (given === undefined) return undefined
  const types = await tx.orm
    .select({ id: ticketTypes.id, name: ticketTypes.name, sold: ticketTypeState.sold })
    .from(ticketTypes)
    .innerJoin(ticketTypeState, eq(ticketTypeState.ticketTypeId, ticketTypes.id))
    .where(eq(ticketTypes.eventId, eventId))
  const quotas = resolveQuotas(types, given)
  requireRoom(types, quotas)
  return quotas
}

/** Changes the prices of an event's house, and moves it to another version of the layout. */
async function changeHouse(
  tx: Transaction,
  resource: LockedResource,
  { id, auditoriumId, layoutId: from }: typeof events.$inferSelect,
  input: UpdateEvent,
) {
  const { layoutVersion, prices, rates = resource.rates } = input
  if (auditoriumId === null || from === null) {
    const problems = new FieldErrors()
    for (const [field, value] of Object.entries({ layoutVersion, prices })) {
      problems.require(value === undefined, `/${field}`, 'The event has no house.')
    }
    problems.throwIfAny()
    return { layoutId: from, prices: null }
  }
  const layoutId = layoutVersion === undefined ? from : await requireLayout(tx, auditoriumId, layoutVersion)
  if (layoutId !== from) await moveToLayout(tx, id, layoutId)
  return { layoutId, prices: await changePrices(tx, id, { from, to: layoutId, rates }, prices) }
}
