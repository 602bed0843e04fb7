import { run, type Transaction } from '../../db/transaction.ts'

const FIND = {
  name: 'find-active-endpoints',
  text: `
    select id, organizer_id as "organizerId", event_types as "eventTypes" from webhook_endpoints
    where (organizer_id = any($1::uuid[]) or organizer_id is null) and status = 'active' and deleted_at is null`,
}

export interface ActiveEndpoint {
  readonly id: string
  /** `null`: takes the events of every organizer. */
  readonly organizerId: string | null
  readonly eventTypes: readonly string[]
}

/** Returns the endpoints that may take events of these organizers. */
export function findActiveEndpoints(tx: Transaction, organizerIds: readonly string[]): Promise<ActiveEndpoint[]> {
  return run<ActiveEndpoint & Record<string, unknown>>(tx.client, FIND, [organizerIds])
}
