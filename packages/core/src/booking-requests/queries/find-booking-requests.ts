import type pg from 'pg'
import type { BookingSummary } from '../../domain/booking-request.ts'
import type { Refusal } from '../../domain/refusals/refusal.ts'
import { type LinePace, placeInLine, type StoredRequest } from '../request-view.ts'
import { run } from '../../db/transaction.ts'

/** A booking request joined with its line's progress and its booking. */
interface Row extends LinePace {
  readonly id: string
  readonly seq: number
  readonly kind: 'showtime' | 'event'
  readonly resourceId: string
  readonly owner: string
  readonly idempotencyKey: string
  readonly bodyHash: string
  readonly state: 'queued' | 'booked' | 'refused'
  readonly acceptedAt: Date
  readonly decidedAt: Date | null
  readonly refusal: Refusal | null
  readonly booking: BookingSummary | null
  readonly wish: number | null
}

const SELECT = `
  select q.id, q.seq, r.kind, q.resource_id as "resourceId", q.owner, q.idempotency_key as "idempotencyKey",
    encode(q.body_hash, 'hex') as "bodyHash", q.state, q.accepted_at as "acceptedAt", q.decided_at as "decidedAt", q.refusal, q.wish,
    l.watermark, l.decided_per_second as "decidedPerSecond",
    case when b.id is not null then json_build_object(
      'reference', b.reference, 'status', b.status, 'paymentStatus', b.payment_status, 'currency', b.currency,
      'subtotal', b.subtotal, 'discount', b.discount, 'fee', b.fee, 'total', b.total,
      'expiresAt', to_char(b.expires_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) end as booking
  from booking_requests q
  join resources r on r.id = q.resource_id
  join resource_state l on l.resource_id = q.resource_id
  left join bookings b on b.id = q.booking_id`

const BY_ID = { name: 'find-booking-requests-by-id', text: `${SELECT} where q.id = any($1::uuid[])` }

const BY_KEY = {
  name: 'find-booking-requests-by-key',
  text: `${SELECT} where (q.owner, q.idempotency_key) in (select * from unnest($1::text[], $2::text[]))`,
}

/** Returns the requests with these ids, in any order; unknown ids are absent. */
export async function findBookingRequests(pool: pg.Pool, ids: readonly string[]): Promise<StoredRequest[]> {
  return (await run<Row>(pool, BY_ID, [ids])).map(storedRequest)
}

/** Returns the requests submitted under these (owner, idempotency key) pairs, in any order. */
export async function findBookingRequestsByKey(
  pool: pg.Pool,
  keys: readonly { readonly owner: string; readonly idempotencyKey: string }[],
): Promise<StoredRequest[]> {
  const rows = await run<Row>(pool, BY_KEY, [keys.map((k) => k.owner), keys.map((k) => k.idempotencyKey)])
  return rows.map(storedRequest)
}

function storedRequest(row: Row): StoredRequest {
  const { id, owner, idempotencyKey, bodyHash, state, seq, booking, wish, refusal } = row
  const place = state === 'queued' ? placeInLine(seq, row) : { ahead: 0, etaMs: 0 }
  return {
    owner,
    idempotencyKey,
    bodyHash,
    view: {
      id,
      state,
      resource: { type: row.kind, id: row.resourceId },
      seq,
      ...place,
      acceptedAt: row.acceptedAt.toISOString(),
      decidedAt: row.decidedAt?.toISOString() ?? null,
      booking,
      ...(wish !== null && { wish }),
      refusal,
    },
  }
}
