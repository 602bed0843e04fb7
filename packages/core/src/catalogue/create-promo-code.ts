import { and, eq, inArray } from '../db/drizzle.ts'
import { promoCodeResources, promoCodes, promoCodeState, resources } from '../db/schema/index.ts'
import type { Transaction } from '../db/transaction.ts'
import { normalizePromoCode } from '../domain/promo-code.ts'
import { newId } from '../runtime/new-id.ts'
import { FieldErrors } from './field-errors.ts'
import { requireOrganizer } from './ownership.ts'
import { recordCreation, type CreatedBy } from '../records/record-changes.ts'
import { notFound, Problem } from '../use-case/problem.ts'
import { requireCurrency, requireInteger, requireWindow } from './rules.ts'

/** A percentage in basis points (2000 is 20 %), or a fixed amount in minor units of a currency. */
export type PromoCodeValue =
  | { readonly kind: 'percent'; readonly value: number }
  | { readonly kind: 'fixed'; readonly value: number; readonly currency: string }

export type CreatePromoCode = CreatedBy &
  PromoCodeValue & {
    readonly id?: string | undefined
    readonly organizerId: string
    /** In any case; kept as `normalizePromoCode` makes it, unique per organizer. */
    readonly code: string
    /** `true` unless given. */
    readonly active?: boolean | undefined
    /** Valid in [start, end); an end left out is open. */
    readonly startsAt?: Date | null | undefined
    readonly endsAt?: Date | null | undefined
    /** In total; no limit unless given. */
    readonly maxRedemptions?: number | null | undefined
    /** No limit unless given. */
    readonly maxPerCustomer?: number | null | undefined
    /** Showtimes and events it is limited to; all of the organizer's unless given. */
    readonly resourceIds?: readonly string[] | null | undefined
  }

/** @throws Problem `invalid_request`, `already_exists`, `not_found` for the organizer or a resource */
export async function createPromoCode(tx: Transaction, input: CreatePromoCode): Promise<{ promoCodeId: string }> {
  const { organizerId, kind, value, active = true } = input
  const code = normalizePromoCode(input.code)
  const currency = input.kind === 'fixed' ? input.currency : null
  const startsAt = input.startsAt ?? null
  const endsAt = input.endsAt ?? null
  const maxRedemptions = input.maxRedemptions ?? null
  const maxPerCustomer = input.maxPerCustomer ?? null
  const resourceIds =
    input.resourceIds === undefined || input.resourceIds === null ? null : [...new Set(input.resourceIds)]

  const problems = new FieldErrors()
  // ASCII only, so that PostgreSQL's upper() agrees with JavaScript's in every locale.
  problems.require(
    /^[A-Z0-9][A-Z0-9_-]{0,39}$/.test(code),
    '/code',
    'A promo code has 1 to 40 letters, digits, hyphens and underscores.',
  )
  requireInteger(problems, '/value', value, 1, kind === 'percent' ? 10_000 : Number.MAX_SAFE_INTEGER)
  if (currency !== null) requireCurrency(problems, '/currency', currency)
  requireWindow(problems, '/startsAt', '/endsAt', startsAt, endsAt)
  if (maxRedemptions !== null) requireInteger(problems, '/maxRedemptions', maxRedemptions, 0)
  if (maxPerCustomer !== null) requireInteger(problems, '/maxPerCustomer', maxPerCustomer, 1)
  // Without rows it would be valid everywhere, the opposite of what an empty list says.
  problems.require(resourceIds?.length !== 0, '/resourceIds', 'Name at least one showtime or event, or leave it out.')
  problems.throwIfAny()
  await requireOrganizer(tx, organizerId)
  if (resourceIds !== null) await requireResources(tx, organizerId, resourceIds)

  const promoCodeId = input.id ?? newId()
  const row = { code, kind, value, currency, active, startsAt, endsAt, maxPerCustomer }
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
  await recordCreation(tx, input, [
    { organizerId, entity: 'promo_code', entityId: promoCodeId, after: { ...row, maxRedemptions, resourceIds } },
  ])
  return { promoCodeId }
}

/** @throws Problem `not_found` */
export async function requireResources(tx: Transaction, organizerId: string, ids: readonly string[]): Promise<void> {
  const found = await tx.orm
    .select({ id: resources.id })
    .from(resources)
    .where(and(inArray(resources.id, [...ids]), eq(resources.organizerId, organizerId)))
  if (found.length !== ids.length) throw notFound('showtime or event')
}
