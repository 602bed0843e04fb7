import type pg from 'pg'
import { run } from '../../db/transaction.ts'

/** An organizer with the networks it trusts. */
export interface TrustingOrganizer {
  readonly id: string
  readonly networks: readonly string[]
}

const LIST = {
  name: 'list-trusted-networks',
  text: `
    select id, trusted_networks as networks from organizers where cardinality(trusted_networks) > 0 order by id limit $1`,
}

/** Returns the organizers that trust a network, the oldest first. */
export async function listTrustedNetworks(pool: pg.Pool, limit: number): Promise<TrustingOrganizer[]> {
  return run<TrustingOrganizer & Record<string, unknown>>(pool, LIST, [limit])
}
