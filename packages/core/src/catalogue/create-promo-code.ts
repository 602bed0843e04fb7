import { and, eq, inArray } from '../db/drizzle.ts'
import { promoCodeResources, promoCodes, promoCodeState, resources } from '../db/schema/index.ts'
import type { Transaction } from '../db/transaction.ts'
import { normalizePromoCode } from '../domain/promo-code.ts'
import { type New, withDefaults } from '../fields/field.ts'
import { PROMO_CODE } from '../fields/promo-code.ts'
import { newId } from '../runtime/new-id.ts'
import { requireOrganizer } from './ownership.ts'
import type { Cause } from '../records/cause.ts'
import { recordChanges } from '../records/record-changes.ts'
import { notFound, Problem } from '../use-case/problem.ts'

export interface CreatePromoCode extends Cause, New<typeof PROMO_CODE> {
  readonly id?: string | undefined
  readonly organizerId: string
}

/**
 * Makes a promo code, unique for its organizer in any case.
 *
 * @throws Problem `already_exists`, `not_found` for the organizer or a resource
 */
export async function createPromoCode(tx: Transaction, input: CreatePromoCode): Promise<{ promoCodeId: string }> {
  const { organizerId } = input
  const { resourceIds: named, maxRedemptions, currency = null, ...given } = withDefaults(PROMO_CODE, input)
  const resourceIds = named === null ? null : [...new Set(named)]
  const code = normalizePromoCode(given.code)
  await requireOrganizer(tx, organizerId)
  if (resourceIds !== null) await requireResources(tx, organizerId, resourceIds)

  const promoCodeId = input.id ?? newId()
  const row = { ...given, code, currency }
  const inserted = await tx.orm
    .insert(promoCodes)
    .values({ id: promoCodeId, organizerId, ...row })
    .onConflictDoNothing({ target: [promoCodes.organizerId, promoCodes.code] })
    .returning({ id: promoCodes.id })
  if (inserted.length === 0) throw new Problem('already_exists', { detail: `There is a promo code ${code} already.` })
  await tx.orm.insert(promoCodeState).values({ promoCodeId, maxRedemptions })
  if (resourceIds !== null) {
    await tx.orm.insert(promoCodeResources).values(resourceIds.map((resourceId) => ({ promoCodeId, resourceId })))
  }
  await recordChanges(tx, input, [
    { organizerId, type: 'promo_code.created', entityId: promoCodeId, after: { ...row, maxRedemptions, resourceIds } },
  ])
  return { promoCodeId }
}

/**
 * Refuses ids that are no showtimes or events of the organizer.
 *
 * @throws Problem `not_found`
 */
export async function requireResources(tx: Transaction, organizerId: string, ids: readonly string[]): Promise<void> {
  const found = await tx.orm
    .select({ id: resources.id })
    .from(resources)
    .where(and(inArray(resources.id, [...ids]), eq(resources.organizerId, organizerId)))
  if (found.length !== ids.length) throw notFound('showtime or event')
}
