import type { Database } from '@boxoffice/core/db/connect.ts'
import { inTransaction } from '@boxoffice/core/db/transaction.ts'
import { cancelResource } from '@boxoffice/core/bookings/cancel-resource.ts'
import type { GivenEvent } from './catalogue.ts'

export const CANCEL_REASON = 'The stage burnt down'

/** Its organizer cancels an event; its bookings are then left to `cancelResources`. Throws Problem `not_on_sale`. */
export function cancelEvent({ database }: { readonly database: Database }, { eventId, organizerId }: GivenEvent) {
  return inTransaction(database, (tx) =>
    cancelResource(tx, {
      actor: 'organizer-1',
      kind: 'event',
      id: eventId,
      organizerId,
      reason: CANCEL_REASON,
      keyed: null,
    }),
  )
}
