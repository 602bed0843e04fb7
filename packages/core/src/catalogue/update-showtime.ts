/**
 * Changing a showtime, putting it on sale and taking it off.
 *
 * Keeps: what was booked stays booked, at its price; a seat that is held or sold neither vanishes nor is disabled by
 * another version of the layout. I7.
 * Locks: the resource's state, as deciding does, so that a decision sees all of a change or nothing of it; then the layout
 * that it is moved to, FOR KEY SHARE.
 */
import { eq } from '../db/drizzle.ts'
import { showtimePrices, showtimes } from '../db/schema/index.ts'
import { findLostSeats } from './queries/find-lost-seats.ts'
import type { Transaction } from '../db/transaction.ts'
import type { Minor } from '../domain/money.ts'
import type { RefundPolicy } from '../domain/refund-policy.ts'
import { readNow } from '../use-case/transact.ts'
import { checkTerms } from './create-resource.ts'
import { differences } from './differences.ts'
import { FieldErrors } from './field-errors.ts'
import { changeTerms } from './change-terms.ts'
import { lockResource, raiseVersion, type ResourceChange, termsOf } from './lock-resource.ts'
import { type Change, recordChanges } from '../records/record-changes.ts'
import { notFound, Problem } from '../use-case/problem.ts'
import { requireMovable, requireNotCancelled, statusChange } from './resource-status.ts'
import { requireInstant, requireInteger } from './rules.ts'
import { requireLayout } from './schedule-showtimes.ts'
import { type NamedPrice, readCategories, resolvePrices } from './showtime-prices.ts'

export interface UpdateShowtime extends ResourceChange {
  readonly showtimeId: string
  readonly startsAt?: Date | undefined
  readonly status?: 'draft' | 'active' | undefined
  readonly maxSeatsPerBooking?: number | undefined
  /** All of them anew; those of before follow by their names unless given. */
  readonly prices?: readonly NamedPrice[] | undefined
  readonly layoutVersion?: number | undefined
  readonly holdTtlMs?: number | undefined
  readonly refundPolicy?: RefundPolicy | undefined
  readonly checkInOpensMs?: number | undefined
}

/**
 * @returns the resource's new version; `null` where nothing changed
 * @throws Problem `invalid_request`, `not_found`, `invalid_transition` for a cancelled showtime
 * @throws Problem `seats_sold`, `in_use`, `not_on_sale`
 */
export async function updateShowtime(tx: Transaction, input: UpdateShowtime): Promise<number | null> {
  const { showtimeId } = input
  const problems = new FieldErrors()
  checkTerms(problems, input)
  if (input.startsAt !== undefined) requireInstant(problems, '/startsAt', input.startsAt)
  if (input.maxSeatsPerBooking !== undefined) {
    requireInteger(problems, '/maxSeatsPerBooking', input.maxSeatsPerBooking, 1, 100)
  }
  problems.throwIfAny()

  const resource = await lockResource(tx, 'showtime', showtimeId, input.organizerId)
  const [current] = await tx.orm.select().from(showtimes).where(eq(showtimes.id, showtimeId))
  if (current === undefined) throw notFound('showtime')
  requireNotCancelled('showtime', current.status)
  if (input.startsAt !== undefined && input.startsAt.getTime() !== current.startsAt.getTime()) {
    const now = await readNow(tx)
    requireMovable('showtime', current.status, current.startsAt, now)
    if (current.status === 'active' && input.startsAt.getTime() <= now.getTime()) {
      throw new Problem('invalid_request', {
        errors: [{ pointer: '/startsAt', detail: 'A showtime on sale can only be moved to a time in the future.' }],
      })
    }
  }
  const what = await statusChange(tx, { id: showtimeId, kind: 'showtime' }, current.status, input.status)

  const layoutId =
    input.layoutVersion === undefined
      ? current.layoutId
      : await requireLayout(tx, current.auditoriumId, input.layoutVersion)
  if (layoutId !== current.layoutId) await requireSeatsStay(tx, showtimeId, layoutId)
  const row = differences(
    {
      layoutId: current.layoutId,
      startsAt: current.startsAt,
      status: current.status,
      maxSeatsPerBooking: current.maxSeatsPerBooking,
    },
    { layoutId, startsAt: input.startsAt, status: input.status, maxSeatsPerBooking: input.maxSeatsPerBooking },
  )
  const terms = differences(termsOf(resource), input)
  const prices = await changePrices(tx, showtimeId, current.layoutId, layoutId, input.prices)
  if (row === null && terms === null && prices === null) return null

  if (row !== null) await tx.orm.update(showtimes).set(row.after).where(eq(showtimes.id, showtimeId))
  if (terms !== null) await changeTerms(tx, resource, terms.after)
  const change: Change = {
    organizerId: resource.organizerId,
    entity: 'showtime',
    entityId: showtimeId,
    what: what ?? 'updated',
    before: { ...row?.before, ...terms?.before, ...(prices && { prices: prices.before }) },
    after: { ...row?.after, ...terms?.after, ...(prices && { prices: prices.after }) },
  }
  await recordChanges(tx, input, [change])
  return raiseVersion(tx, showtimeId)
}

const NAMED_SEATS = 100

async function requireSeatsStay(tx: Transaction, showtimeId: string, layoutId: string): Promise<void> {
  const lost = await findLostSeats(tx.client, showtimeId, layoutId)
  if (lost.length === 0) return
  const seats = lost.slice(0, NAMED_SEATS)
  const more = lost.length > NAMED_SEATS ? ` and ${lost.length - NAMED_SEATS} more` : ''
  const detail = `In this version of the layout there would be no seat ${seats.join(', ')}${more}, held or sold now.`
  throw new Problem('seats_sold', { detail, facts: { seats, count: lost.length } })
}

type Prices = Readonly<Record<string, Minor | null>>

/** Writes the prices, if they change; what they were and are, by the categories' names. */
async function changePrices(
  tx: Transaction,
  showtimeId: string,
  fromLayout: string,
  toLayout: string,
  wanted: readonly NamedPrice[] | undefined,
): Promise<{ readonly before: Prices; readonly after: Prices } | null> {
  if (wanted === undefined && fromLayout === toLayout) return null
  const known = await readCategories(tx, fromLayout)
  const stored = await tx.orm.select().from(showtimePrices).where(eq(showtimePrices.showtimeId, showtimeId))
  const priceOf = new Map(stored.map(({ categoryId, price }) => [categoryId, price]))
  const before = Object.fromEntries(known.map(({ id, name }) => [name, priceOf.get(id) ?? null]))

  const categories = fromLayout === toLayout ? known : await readCategories(tx, toLayout)
  const follow = categories.flatMap(({ id, name }) => {
    const price = before[name]
    return price === undefined ? [] : [{ categoryId: id, price }]
  })
  const resolved = resolvePrices(categories, wanted ?? follow)
  const after = Object.fromEntries(categories.map(({ id, name }) => [name, resolved.get(id) ?? null]))
  if (fromLayout === toLayout && differences(before, after) === null) return null

  await tx.orm.delete(showtimePrices).where(eq(showtimePrices.showtimeId, showtimeId))
  const rows = [...resolved].flatMap(([categoryId, price]) =>
    price === null ? [] : [{ showtimeId, categoryId, price }],
  )
  if (rows.length > 0) await tx.orm.insert(showtimePrices).values(rows)
  return { before, after }
}
