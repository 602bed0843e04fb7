/**
 * Changing an event, putting it on sale and taking it off.
 *
 * Keeps: what was booked stays booked. I7.
 * Locks: the resource's state, as deciding does.
 */
import { eq } from '../db/drizzle.ts'
import { events } from '../db/schema/index.ts'
import type { Transaction } from '../db/transaction.ts'
import { EVENT, eventRules } from '../fields/event.ts'
import { type Changes, fieldsOf } from '../fields/field.ts'
import type { TERMS } from '../fields/resource.ts'
import { notFound } from '../use-case/problem.ts'
import { finishChange, requireChangeable } from './change-resource.ts'
import { differences } from '../records/differences.ts'
import { requireRules } from './field-errors.ts'
import { lockResource, type ResourceChange } from './lock-resource.ts'

export interface UpdateEvent extends ResourceChange, Omit<Changes<typeof EVENT>, 'status'>, Changes<typeof TERMS> {
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
  const row = differences(fieldsOf(EVENT, found), input)
  if (row !== null) await tx.orm.update(events).set(row.after).where(eq(events.id, eventId))
  return finishChange(tx, input, resource, what, input, [row])
}
