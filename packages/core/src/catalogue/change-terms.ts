import { eq } from '../db/drizzle.ts'
import { formerRefundPolicies, resources } from '../db/schema/index.ts'
import type { Transaction } from '../db/transaction.ts'
import { readNow } from '../use-case/transact.ts'
import type { ResourceTerms } from './create-resource.ts'
import type { LockedResource } from './lock-resource.ts'

/**
 * Writes new terms of a showtime or an event whose state is locked. Whoever has booked keeps the refund policy that they
 * booked under: it is part of what was sold.
 */
export async function changeTerms(
  tx: Transaction,
  { id, refundPolicy }: LockedResource,
  changed: Partial<ResourceTerms>,
): Promise<void> {
  await tx.orm.update(resources).set(changed).where(eq(resources.id, id))
  if (changed.refundPolicy === undefined) return
  await tx.orm.insert(formerRefundPolicies).values({ resourceId: id, until: await readNow(tx), policy: refundPolicy })
}
