/**
 * Changing a promo code, for what is decided from now on.
 *
 * Keeps: its limits are never below what was redeemed; counts per customer are right from the moment on at which there is
 * a limit (I6; see `count-customers.ts`). I7.
 * Locks: the promo code's state, as deciding does.
 */
import { and, asc, eq } from '../db/drizzle.ts'
import { lockInventory } from '../inventory/queries/lock-inventory.ts'
import { promoCodeResources, promoCodes, promoCodeState } from '../db/schema/index.ts'
import type { Transaction } from '../db/transaction.ts'
import { type Changes, fieldsOf } from '../fields/field.ts'
import { PROMO_CODE, promoCodeRules } from '../fields/promo-code.ts'
import { CountFirstError, type CustomerCounts } from './count-customers.ts'
import { once, requireNamed } from './create-promo-code.ts'
import { differences } from '../records/differences.ts'
import { requireRules } from './field-errors.ts'
import type { ResourceChange } from './lock-resource.ts'
import { recordChanges } from '../records/record-changes.ts'
import { notFound, Problem } from '../use-case/problem.ts'

export interface UpdatePromoCode extends ResourceChange, Changes<typeof PROMO_CODE> {
  readonly promoCodeId: string
}

/**
 * Changes a promo code. Called by `withCounts`, for a limit per customer that begins.
 *
 * @throws Problem `invalid_request`, `not_found` for the promo code, a resource or a ticket type
 * @throws Problem `in_use` for a limit below what was redeemed, or below the places that it was used for
 * @throws CountFirstError where a limit per customer begins, without `counts`
 */
export async function updatePromoCode(
  tx: Transaction,
  change: UpdatePromoCode,
  counts: CustomerCounts | null,
): Promise<void> {
  const input = withListsOnce(change)
  const { promoCodeId } = input
  await lockInventory(tx, [], [promoCodeId])
  const [found] = await tx.orm
    .select({ code: promoCodes, state: promoCodeState })
    .from(promoCodes)
    .innerJoin(promoCodeState, eq(promoCodeState.promoCodeId, promoCodes.id))
    .where(
      and(
        eq(promoCodes.id, promoCodeId),
        input.organizerId === null ? undefined : eq(promoCodes.organizerId, input.organizerId),
      ),
    )
  if (found === undefined) throw notFound('promo code')
  const { organizerId, maxPerCustomer } = found.code
  const current = fieldsOf(PROMO_CODE, found.code)
  const row = differences(current, input)
  const { maxRedemptions, maxTickets, redeemed, tickets } = found.state
  const limit = differences({ maxRedemptions, maxTickets }, input)
  const wanted = { ...current, maxRedemptions, maxTickets, ...row?.after, ...limit?.after }
  const bound = differences({ resourceIds: await readResourceIds(tx, promoCodeId) }, input)
  if (row === null && limit === null && bound === null) return
  requireRules(promoCodeRules(wanted))
  await requireNamed(tx, organizerId, { ...row?.after, ...bound?.after })
  if (wanted.maxRedemptions !== null && wanted.maxRedemptions < redeemed) {
    const detail = `It was redeemed ${redeemed} times, which is more than ${wanted.maxRedemptions}.`
    throw new Problem('in_use', { detail, facts: { redeemed } })
  }
  if (wanted.maxTickets !== null && wanted.maxTickets < tickets) {
    const detail = `It was used for ${tickets} places, which is more than ${wanted.maxTickets}.`
    throw new Problem('in_use', { detail, facts: { tickets } })
  }

  if (maxPerCustomer === null && wanted.maxPerCustomer !== null) {
    if (counts === null) throw new CountFirstError({ kind: 'promo_code', id: promoCodeId })
    await counts.bringUpToDate(tx)
  }
  if (row !== null) await tx.orm.update(promoCodes).set(row.after).where(eq(promoCodes.id, promoCodeId))
  if (limit !== null) {
    await tx.orm.update(promoCodeState).set(limit.after).where(eq(promoCodeState.promoCodeId, promoCodeId))
  }
  if (bound !== null) await bindTo(tx, promoCodeId, bound.after.resourceIds ?? null)
  await recordChanges(tx, input, [
    {
      organizerId,
      type: 'promo_code.updated',
      entityId: promoCodeId,
      before: { ...row?.before, ...limit?.before, ...bound?.before },
      after: { ...row?.after, ...limit?.after, ...bound?.after },
    },
  ])
}

async function readResourceIds(tx: Transaction, promoCodeId: string): Promise<readonly string[] | null> {
  const rows = await tx.orm
    .select({ id: promoCodeResources.resourceId })
    .from(promoCodeResources)
    .where(eq(promoCodeResources.promoCodeId, promoCodeId))
    .orderBy(asc(promoCodeResources.resourceId))
  return rows.length === 0 ? null : rows.map(({ id }) => id)
}

async function bindTo(tx: Transaction, promoCodeId: string, resourceIds: readonly string[] | null): Promise<void> {
  await tx.orm.delete(promoCodeResources).where(eq(promoCodeResources.promoCodeId, promoCodeId))
  if (resourceIds === null) return
  await tx.orm.insert(promoCodeResources).values(resourceIds.map((resourceId) => ({ promoCodeId, resourceId })))
}

/** Returns the change with each item of a list once, as codes are stored. */
function withListsOnce(change: UpdatePromoCode): UpdatePromoCode {
  const onceGiven = (list: readonly string[] | null | undefined) => (list === undefined ? undefined : once(list))
  return {
    ...change,
    resourceIds: onceGiven(change.resourceIds),
    ticketTypeIds: onceGiven(change.ticketTypeIds),
    categories: onceGiven(change.categories),
    rates: onceGiven(change.rates),
    opensTicketTypeIds: onceGiven(change.opensTicketTypeIds),
  }
}
