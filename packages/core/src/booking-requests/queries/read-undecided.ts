import type { BookingRequest, Selection, Submission } from '../../domain/booking-request.ts'
import { run, type Transaction } from '../../db/transaction.ts'

/** The next requests of a lane that wait for their decision. */
export interface Undecided {
  /** The lane's next `seq` as of the same snapshot: no row below it is still to come. */
  readonly next: number
  /** Requests, without those that an operator has refused meanwhile. */
  readonly requests: readonly BookingRequest[]
  /** `true` if `limit` rows were read, so that there may be more. */
  readonly full: boolean
  /** The last `seq` that was read; `null` where there was none. */
  readonly last: number | null
}

interface Row {
  readonly next: number
  readonly id: string | null
  readonly seq: number
  readonly state: string
  readonly resourceId: string
  readonly payload: Submission['payload']
  readonly customerKeys: string[]
  readonly acceptedAt: number
}

/*
 * One statement, one snapshot: `next = n` is only visible together with every row below n, because its row lock was
 * held until those rows' commit. So no request can turn up later behind the watermark. Nothing is looked up by `state`: with
 * an old snapshot open, an index on it would collect dead entries and halve the speed of deciding.
 */
const READ = {
  name: 'read-undecided',
  text: `
    select i.next, q.id, q.seq, q.state, q.resource_id as "resourceId", q.payload - 'metadata' as payload,
      q.customer_keys as "customerKeys",
      (extract(epoch from q.accepted_at) * 1000)::float8 as "acceptedAt"
    from lane_intake i
    left join lateral (
      select * from booking_requests where lane = $1 and seq > $2 and seq < i.next order by seq limit $3
    ) q on true
    where i.lane = $1 order by q.seq`,
}

/** Returns the lane's next requests above the watermark in `seq` order, at most `limit`. Needs the lane's lock. */
export async function readUndecided(
  tx: Transaction,
  lane: number,
  watermark: number,
  limit: number,
): Promise<Undecided> {
  const rows = await run<Row>(tx.client, READ, [lane, watermark, limit])
  const next = rows[0]?.next
  if (next === undefined) throw new Error(`lane ${lane} has no intake row`)
  const requests: BookingRequest[] = []
  for (const row of rows) {
    if (row.id === null || row.state !== 'queued') continue
    requests.push({
      id: row.id,
      seq: row.seq,
      resourceId: row.resourceId,
      selection: selectionOf(row.payload),
      promoCode: row.payload.promoCode ?? null,
      expectedTotal: row.payload.expectedTotal ?? null,
      customerKeys: row.customerKeys,
      acceptedAt: row.acceptedAt,
    })
  }
  const last = rows.findLast((row) => row.id !== null)?.seq ?? null
  return { next, requests, full: rows.length === limit && last !== null, last }
}

/** Returns the selection of a payload: seats of a showtime, or tickets of an event. */
function selectionOf(payload: Pick<Submission['payload'], 'seats' | 'tickets'>): Selection {
  return payload.seats === undefined
    ? { kind: 'event', tickets: payload.tickets ?? [] }
    : { kind: 'showtime', seats: payload.seats }
}
