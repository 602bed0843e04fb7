import { run, type Transaction } from '../../db/transaction.ts'

const LOCK = {
  name: 'lock-webhook-owner',
  text: 'select from organizers where id = $1 for no key update',
}

/** Lock with two numbers: a space of its own, where no other hash can be the same. */
const LOCK_SERVICE = {
  name: 'lock-webhook-service',
  text: 'select pg_advisory_xact_lock(7294, 1)',
}

/**
 * Lets nobody else make an endpoint of this organizer, or with `null` of the service itself, until the transaction ends.
 * Returns whether there is such an organizer.
 */
export async function lockWebhookOwner(tx: Transaction, organizerId: string | null): Promise<boolean> {
  if (organizerId === null) {
    await run(tx.client, LOCK_SERVICE, [])
    return true
  }
  const found = await run(tx.client, LOCK, [organizerId])
  return found.length === 1
}
