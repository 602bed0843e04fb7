import type pg from 'pg'
import { run } from '../../db/transaction.ts'

/** A line, and whose showtime or event it is of. */
export interface LineOwner {
  readonly id: string
  readonly kind: 'showtime' | 'event'
  readonly organizerId: string
}

const LIST = {
  name: 'list-open-lines',
  text: `
    select r.id, r.kind, r.organizer_id as "organizerId"
    from resource_state s join resources r on r.id = s.resource_id where s.closed_at is null`,
}

/** Returns the lines of all shows whose bookings are not closed. */
export async function listOpenLines(executor: pg.Pool | pg.PoolClient): Promise<LineOwner[]> {
  return run<LineOwner & Record<string, unknown>>(executor, LIST, [])
}
