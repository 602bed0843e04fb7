import type { BookingRequest } from '../../domain/booking-request.ts'
import { normalizePromoCode } from '../../domain/promo-code.ts'
import { run, type Transaction } from '../../db/transaction.ts'

const LOCK_RESOURCES = {
  name: 'lock-resources',
  text: `select resource_id from resource_state where resource_id = any($1::uuid[])
    order by resource_id for no key update`,
}

/** The ids come first, in a statement of their own: rows are locked in the order in which they are sorted. */
const FIND_PROMO_CODES = {
  name: 'find-promo-codes-to-lock',
  text: `
    select distinct p.id
    from unnest($1::uuid[], $2::text[]) as w(resource_id, code)
    join resources r on r.id = w.resource_id
    join promo_codes p on p.organizer_id = r.organizer_id and p.code = w.code`,
}

const LOCK_PROMO_CODES = {
  name: 'lock-promo-codes',
  text: `select promo_code_id from promo_code_state where promo_code_id = any($1::uuid[])
    order by promo_code_id for no key update`,
}

/**
 * Locks the counters of the promo codes that these requests name, in id order. Needs the locks of their resources' state.
 * Returns the promo codes that were locked: one that was created meanwhile is not among them, and must not be used.
 */
export async function lockPromoCodesOf(
  tx: Transaction,
  requests: readonly Pick<BookingRequest, 'resourceId' | 'promoCode'>[],
): Promise<ReadonlySet<string>> {
  const withCode = requests.filter((request) => request.promoCode !== null)
  if (withCode.length === 0) return new Set()
  const promoCodes = await run<{ id: string }>(tx.client, FIND_PROMO_CODES, [
    withCode.map((request) => request.resourceId),
    withCode.map((request) => normalizePromoCode(request.promoCode ?? '')),
  ])
  const ids = promoCodes.map((promoCode) => promoCode.id)
  await lockInventory(tx, [], ids)
  return new Set(ids)
}

/** Locks the state rows of these resources, then the counters of these promo codes, each in id order. */
export async function lockInventory(
  tx: Transaction,
  resourceIds: readonly string[],
  promoCodeIds: readonly string[],
): Promise<void> {
  if (resourceIds.length > 0) await run(tx.client, LOCK_RESOURCES, [[...new Set(resourceIds)].sort()])
  if (promoCodeIds.length > 0) await run(tx.client, LOCK_PROMO_CODES, [[...new Set(promoCodeIds)].sort()])
}
