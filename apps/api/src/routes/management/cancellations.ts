import type { Transaction } from '@boxoffice/core/db/transaction.ts'
import { findCancellation } from '@boxoffice/core/bookings/queries/cancellation-view.ts'
import { cancelResource } from '@boxoffice/core/bookings/cancel-resource.ts'
import type { KeyedRequest } from '@boxoffice/core/use-case/idempotency.ts'
import type { Caller } from '@boxoffice/core/access/tokens.ts'
import { notFound, Problem } from '@boxoffice/core/use-case/problem.ts'
import { organizerScope, requireScope } from '../../callers/authenticate.ts'
import { changeResource, type ManagementDependencies } from './dependencies.ts'
import type { Cause } from '@boxoffice/core/records/cause.ts'

interface Cancel extends Cause {
  readonly kind: 'showtime' | 'event'
  readonly id: string
  readonly caller: Caller
  readonly reason: string
  readonly keyed: KeyedRequest | null
}

/**
 * Takes a showtime or an event off sale for good; its bookings are cancelled and refunded by and by. A key that may not
 * refund may not do that either. Throws 403, 404 and what `cancelResource` throws.
 */
export async function cancel(deps: ManagementDependencies, { caller, ...input }: Cancel) {
  requireScope(caller, 'refunds:write')
  const organizerId = organizerScope(caller)
  const { replayed } = await changeResource(deps, input.id, (tx: Transaction) =>
    cancelResource(tx, { ...input, organizerId }),
  )
  return { replayed, progress: await progressOf(deps, input.kind, input.id, caller) }
}

/** Throws 404 for what was never cancelled, too. */
export async function progressOf(
  { database }: ManagementDependencies,
  kind: 'showtime' | 'event',
  id: string,
  caller: Caller,
) {
  const found = await findCancellation(database.pool, kind, id, organizerScope(caller))
  if (found === null) throw notFound('cancellation')
  return found
}

/**
 * Throws unless `status: "cancelled"` is sent alone: nothing else can change about a thing that no longer takes place.
 */
export function requireAlone(body: object): void {
  const given = Object.entries(body).filter(([, value]) => value !== undefined)
  const others = given.map(([field]) => field).filter((field) => field !== 'status')
  if (others.length === 0) return
  const errors = others.map((field) => ({ pointer: `/${field}`, detail: 'Cannot be changed while cancelling.' }))
  throw new Problem('invalid_request', { detail: '`status: cancelled` must be sent alone.', errors })
}
