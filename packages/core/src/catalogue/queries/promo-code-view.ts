import type pg from 'pg'
import { type Cursor, type Page, toPage } from '../../db/cursor.ts'
import { ListFilter } from '../../db/list-filter.ts'

/** A promo code as its organizer sees it. Times RFC 3339. */
export interface PromoCodeView {
  readonly id: string
  readonly organizerId: string
  readonly code: string
  readonly kind: 'percent' | 'fixed'
  readonly value: number
  readonly currency: string | null
  readonly active: boolean
  readonly startsAt: string | null
  readonly endsAt: string | null
  readonly maxRedemptions: number | null
  readonly maxPerCustomer: number | null
  readonly resourceIds: readonly string[] | null
  readonly redeemed: number
  readonly createdAt: string
}

type Row = Omit<PromoCodeView, 'startsAt' | 'endsAt' | 'createdAt'> & {
  readonly startsAt: Date | null
  readonly endsAt: Date | null
  readonly createdAt: Date
}

const SELECT = `
  select p.id, p.organizer_id as "organizerId", p.code, p.kind, p.value::float8 as value, p.currency, p.active,
    p.starts_at as "startsAt", p.ends_at as "endsAt", s.max_redemptions as "maxRedemptions",
    p.max_per_customer as "maxPerCustomer", s.redeemed, p.created_at as "createdAt",
    (select array_agg(resource_id order by resource_id) from promo_code_resources
      where promo_code_id = p.id) as "resourceIds"
  from promo_codes p join promo_code_state s on s.promo_code_id = p.id`

/** Promo codes of an organizer, the newest first; of all with `null`. */
export async function listPromoCodes(
  pool: pg.Pool,
  organizerId: string | null,
  limit: number,
  after: Cursor | null,
): Promise<Page<PromoCodeView>> {
  const list = new ListFilter(limit)
  list.where((parameter) => `p.organizer_id = ${parameter}::uuid`, organizerId)
  list.where((parameter) => `p.id < ${parameter}::uuid`, after?.id ?? null)
  const { rows } = await pool.query<Row & Record<string, unknown>>(
    `${SELECT} where ${list.clause} order by p.id desc limit $1::int + 1`,
    list.values,
  )
  return toPage(rows, limit, ({ id }) => ({ key: 0, id }), toView)
}

/** @param organizerId whose it must be; `null` is anybody's */
export async function findPromoCodeView(
  pool: pg.Pool,
  id: string,
  organizerId: string | null,
): Promise<PromoCodeView | null> {
  const { rows } = await pool.query<Row & Record<string, unknown>>(
    `${SELECT} where p.id = $1::uuid and ($2::uuid is null or p.organizer_id = $2)`,
    [id, organizerId],
  )
  return rows[0] === undefined ? null : toView(rows[0])
}

function toView({ startsAt, endsAt, createdAt, ...row }: Row): PromoCodeView {
  return {
    ...row,
    startsAt: startsAt?.toISOString() ?? null,
    endsAt: endsAt?.toISOString() ?? null,
    createdAt: createdAt.toISOString(),
  }
}
