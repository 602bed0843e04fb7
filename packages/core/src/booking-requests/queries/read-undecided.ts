import type { BookingRequest, Submission } from '../../domain/booking-request.ts'
import { wishesOf } from '../../domain/wish.ts'
import { run, type Transaction } from '../../db/transaction.ts'

/** Part of a line that a batch may take. */
export interface Share {
  readonly id: string
  readonly watermark: number
  /** Requests at the most. */
  readonly limit: number
}

/** The next requests of a line that wait for their decision. */
export interface Undecided {
  readonly id: string
  /** The line's next `seq` as of the same snapshot: no row below it is still to come. */
  readonly next: number
  /** Requests in order, without those that an operator has refused meanwhile. */
  readonly requests: readonly BookingRequest[]
  /** Highest `seq` that was looked at. With fewer rows than allowed everything below `next` was, gaps too. */
  readonly reached: number
}

interface Row {
  readonly place: number
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
    select w.place, i.next, q.id, q.seq, q.state, w.id as "resourceId", q.payload - 'metadata' as payload,
      q.customer_keys as "customerKeys", (extract(epoch from q.accepted_at) * 1000)::float8 as "acceptedAt"
    from unnest($1::uuid[], $2::bigint[], $3::int[]) with ordinality as w(id, watermark, share, place)
    cross join lateral (select next from lines where resource_id = w.id offset 0) i
    left join lateral (
      select * from booking_requests
      where resource_id = w.id and seq > w.watermark and seq < i.next order by seq limit w.share
    ) q on true
    order by w.place, q.seq`,
}

/** Returns each line's next requests above its watermark, lines in the order of `shares`. Needs the lines' locks. */
export async function readUndecided(tx: Transaction, shares: readonly Share[]): Promise<Undecided[]> {
  const rows = await run<Row & Record<string, unknown>>(tx.client, READ, [
    shares.map(({ id }) => id),
    shares.map(({ watermark }) => watermark),
    shares.map(({ limit }) => limit),
  ])
  const byPlace = Map.groupBy(rows, ({ place }) => place)
  return shares.map(({ id, limit }, index) => {
    const own = byPlace.get(index + 1)
    const [first] = own ?? []
    const last = own?.at(-1)
    if (own === undefined || first === undefined || last === undefined) throw new Error(`resource ${id} has no line`)
    const isFull = own.length === limit && last.id !== null
    return {
      id,
      next: first.next,
      requests: own.flatMap((row) => (row.id === null || row.state !== 'queued' ? [] : [requestOf(row, row.id)])),
      reached: isFull ? last.seq : first.next - 1,
    }
  })
}

function requestOf(row: Row, id: string): BookingRequest {
  const { seq, resourceId, payload, customerKeys, acceptedAt } = row
  return {
    id,
    seq,
    resourceId,
    wishes: wishesOf(payload),
    promoCode: payload.promoCode ?? null,
    expectedTotal: payload.expectedTotal ?? null,
    seller: payload.seller ?? 'public',
    blockId: payload.blockId ?? null,
    holdUntil: payload.holdUntil === undefined ? null : Date.parse(payload.holdUntil),
    customerKeys,
    acceptedAt,
  }
}
