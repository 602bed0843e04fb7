import { and, eq, inArray } from '../db/drizzle.ts'
import { promoCodeResources, promoCodes, promoCodeState, resources, ticketTypes } from '../db/schema/index.ts'
import type { Transaction } from '../db/transaction.ts'
import { normalizePromoCode } from '../domain/promo-code.ts'
import { type New, withDefaults } from '../fields/field.ts'
import { type PROMO_CODE, PROMO_CODE_TERMS } from '../fields/promo-code.ts'
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
 * @throws Problem `already_exists`, `not_found` for the organizer, a resource or a ticket type
 */
export async function createPromoCode(tx: Transaction, input: CreatePromoCode): Promise<{ promoCodeId: string }> {
  const { organizerId } = input
  await requireOrganizer(tx, organizerId)
  const { resourceIds, maxRedemptions, maxTickets, ...given } = await readTerms(tx, organizerId, input)
  const code = normalizePromoCode(input.code)

  const promoCodeId = input.id ?? newId()
  const row = { ...given, code }
  const inserted = await tx.orm
    .insert(promoCodes)
    .values({ id: promoCodeId, organizerId, ...row })
    .onConflictDoNothing({ target: [promoCodes.organizerId, promoCodes.code] })
    .returning({ id: promoCodes.id })
  if (inserted.length === 0) throw new Problem('already_exists', { detail: `There is a promo code ${code} already.` })
  await tx.orm.insert(promoCodeState).values({ promoCodeId, maxRedemptions, maxTickets })
  if (resourceIds !== null) {
    await tx.orm.insert(promoCodeResources).values(resourceIds.map((resourceId) => ({ promoCodeId, resourceId })))
  }
  const after = { ...row, maxRedemptions, maxTickets, resourceIds }
  await recordChanges(tx, input, [{ organizerId, type: 'promo_code.created', entityId: promoCodeId, after }])
  return { promoCodeId }
}

/**
 * Returns the terms of a new code, or of each code of a batch, with every list named once.
 *
 * @throws Problem `not_found` for a resource or a ticket type that is not the organizer's
 */
export async function readTerms(tx: Transaction, organizerId: string, input: New<typeof PROMO_CODE_TERMS>) {
  const { currency = null, ...given } = withDefaults(PROMO_CODE_TERMS, input)
  const lists = {
    resourceIds: once(given.resourceIds),
    ticketTypeIds: once(given.ticketTypeIds),
    categories: once(given.categories),
    rates: once(given.rates),
    opensTicketTypeIds: once(given.opensTicketTypeIds),
  }
  await requireNamed(tx, organizerId, lists)
  return { ...given, currency, ...lists }
}

/** Returns each value once, in an order that stays; `null` for none. */
export const once = (list: readonly string[] | null) => (list === null ? null : [...new Set(list)].sort())

/**
 * Refuses ids that are no showtimes, events or ticket types of the organizer.
 *
 * @throws Problem `not_found`
 */
export async function requireNamed(
  tx: Transaction,
  organizerId: string,
  named: {
    readonly resourceIds?: readonly string[] | null | undefined
    readonly ticketTypeIds?: readonly string[] | null | undefined
    readonly opensTicketTypeIds?: readonly string[] | null | undefined
  },
): Promise<void> {
  const { resourceIds, ticketTypeIds, opensTicketTypeIds } = named
  if (resourceIds != null) await requireResources(tx, organizerId, resourceIds)
  const types = [...new Set([...(ticketTypeIds ?? []), ...(opensTicketTypeIds ?? [])])]
  if (types.length === 0) return
  const found = await tx.orm
    .select({ id: ticketTypes.id })
    .from(ticketTypes)
    .innerJoin(resources, eq(resources.id, ticketTypes.eventId))
    .where(and(inArray(ticketTypes.id, types), eq(resources.organizerId, organizerId)))
  if (found.length !== types.length) throw notFound('ticket type')
}

/**
 * Refuses ids that are no showtimes or events of the organizer.
 *
 * @throws Problem `not_found`
 */
async function requireResources(tx: Transaction, organizerId: string, ids: readonly string[]): Promise<void> {
  const found = await tx.orm
    .select({ id: resources.id })
    .from(resources)
    .where(and(inArray(resources.id, [...ids]), eq(resources.organizerId, organizerId)))
  if (found.length !== ids.length) throw notFound('showtime or event')
}
