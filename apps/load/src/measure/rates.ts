import type { Database } from '@boxoffice/core/db/connect.ts'

/** A rate over less time than this is none: a few requests in one batch would make millions a second. */
const SHORTEST_S = 1

export interface Rates {
  /** Over the time between the first and the last acceptance. */
  readonly acceptedPerSecond: number
  /** Over the time between the first and the last decision. */
  readonly decidedPerSecond: number
}

/** Reads the rates of all booking requests about these resources, by the database's clock. */
export async function readRates({ pool }: Database, resourceIds: readonly string[]): Promise<Rates> {
  const { rows } = await pool.query<{ accepted: number; decided: number; accepting: number; deciding: number }>(
    `select count(*) as accepted, count(decided_at) as decided,
       coalesce(extract(epoch from max(accepted_at) - min(accepted_at)), 0)::float8 as accepting,
       coalesce(extract(epoch from max(decided_at) - min(decided_at)), 0)::float8 as deciding
     from booking_requests where resource_id = any($1)`,
    [resourceIds],
  )
  const { accepted = 0, decided = 0, accepting = 0, deciding = 0 } = rows[0] ?? {}
  return { acceptedPerSecond: rateOf(accepted, accepting), decidedPerSecond: rateOf(decided, deciding) }
}

const rateOf = (count: number, seconds: number): number => Math.round((count / Math.max(SHORTEST_S, seconds)) * 10) / 10
