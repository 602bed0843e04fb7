/**
 * Changing an event, putting it on sale and taking it off.
 *
 * Keeps: what was booked stays booked. I7.
 * Locks: the resource's state, as deciding does.
 */
import { eq } from '../db/drizzle.ts'
import { events } from '../db/schema/index.ts'
import type { Transaction } from '../db/transaction.ts'
import type { RefundPolicy } from '../domain/refund-policy.ts'
import { readNow } from '../use-case/transact.ts'
import { checkTerms } from './create-resource.ts'
import { differences } from './differences.ts'
import { FieldErrors } from './field-errors.ts'
import { changeTerms } from './change-terms.ts'
import { lockResource, raiseVersion, type ResourceChange, termsOf } from './lock-resource.ts'
import { recordChanges } from '../records/record-changes.ts'
import { notFound, Problem } from '../use-case/problem.ts'
import { requireMovable, requireNotCancelled, statusChange } from './resource-status.ts'
import { requireName, requireText, requireTimeZone, requireWindow } from './rules.ts'

export interface UpdateEvent extends ResourceChange {
  readonly eventId: string
  readonly title?: string | undefined
  readonly description?: string | undefined
  readonly venue?: string | undefined
  readonly timeZone?: string | undefined
  readonly startsAt?: Date | undefined
  readonly endsAt?: Date | undefined
  readonly status?: 'draft' | 'published' | undefined
  readonly holdTtlMs?: number | undefined
  readonly refundPolicy?: RefundPolicy | undefined
  readonly checkInOpensMs?: number | undefined
}

/**
 * @returns the resource's new version; `null` where nothing changed
 * @throws Problem `invalid_request`, `not_found`, `invalid_transition` for a cancelled event
 * @throws Problem `in_use`, `not_on_sale`
 */
export async function updateEvent(tx: Transaction, input: UpdateEvent): Promise<number | null> {
  const { eventId } = input
  const problems = new FieldErrors()
  checkTerms(problems, input)
  if (input.title !== undefined) requireName(problems, '/title', input.title)
  if (input.description !== undefined) requireText(problems, '/description', input.description)
  if (input.venue !== undefined) requireName(problems, '/venue', input.venue)
  if (input.timeZone !== undefined) requireTimeZone(problems, '/timeZone', input.timeZone)

  const resource = await lockResource(tx, 'event', eventId, input.organizerId)
  const [found] = await tx.orm.select().from(events).where(eq(events.id, eventId))
  if (found === undefined) throw notFound('event')
  const startsAt = input.startsAt ?? found.startsAt
  requireWindow(problems, '/startsAt', '/endsAt', startsAt, input.endsAt ?? found.endsAt)
  problems.throwIfAny()
  requireNotCancelled('event', found.status)
  if (startsAt.getTime() !== found.startsAt.getTime()) {
    const now = await readNow(tx)
    requireMovable('event', found.status, found.startsAt, now)
    if (found.status === 'published' && startsAt.getTime() <= now.getTime()) {
      throw new Problem('invalid_request', {
        errors: [{ pointer: '/startsAt', detail: 'An event on sale can only be moved to a time in the future.' }],
      })
    }
  }
  const what = await statusChange(tx, { id: eventId, kind: 'event' }, found.status, input.status)

  const current = {
    title: found.title,
    description: found.description,
    venue: found.venue,
    timeZone: found.timeZone,
    startsAt: found.startsAt,
    endsAt: found.endsAt,
    status: found.status,
  }
  const row = differences(current, input)
  const terms = differences(termsOf(resource), input)
  if (row === null && terms === null) return null
  if (row !== null) await tx.orm.update(events).set(row.after).where(eq(events.id, eventId))
  if (terms !== null) await changeTerms(tx, resource, terms.after)
  await recordChanges(tx, input, [
    {
      organizerId: resource.organizerId,
      entity: 'event',
      entityId: eventId,
      what: what ?? 'updated',
      before: { ...row?.before, ...terms?.before },
      after: { ...row?.after, ...terms?.after },
    },
  ])
  return raiseVersion(tx, eventId)
}
