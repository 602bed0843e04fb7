import { SYSTEM } from '../records/cause.ts'
import { sql } from '../db/drizzle.ts'
import { audit, promoCodeResources } from '../db/schema/index.ts'
import type { Transaction } from '../db/transaction.ts'
import { createEvent } from '../catalogue/create-event.ts'
import { createPromoCode } from '../catalogue/create-promo-code.ts'
import { newId } from '../runtime/new-id.ts'
import { demoId } from './demo-id.ts'
import { DEMO_ORGANIZER_ID } from './demo-organizer.ts'

const BY = { ...SYSTEM, organizerId: DEMO_ORGANIZER_ID }
const CURRENCY = 'EUR'
const HOUR_MS = 60 * 60 * 1000
const DAY_MS = 24 * HOUR_MS
/** Days until a new edition. */
const AHEAD_DAYS = 60
/** The next edition goes on sale when the last one is nearer than this. */
const NEXT_EDITION_DAYS = 14

/** Can be used for everything, by everybody, at any time. */
export const DEMO_PROMO_CODE = 'EARLY20'
const FESTIVAL_PROMO_CODE_ID = demoId('promo code TENOFF')

/** Makes sure that an edition of the festival is on sale. The first one brings the promo codes along. */
export async function topUpFestival(tx: Transaction, now: Date, lanes: number): Promise<void> {
  const { rows } = await tx.client.query<{ editions: number; ahead: boolean | null }>(
    `select count(*) as editions, bool_or(events.starts_at > $2) as ahead
     from events join resources using (id)
     where resources.organizer_id = $1 and events.status = 'published'`,
    [DEMO_ORGANIZER_ID, new Date(now.getTime() + NEXT_EDITION_DAYS * DAY_MS)],
  )
  const [found] = rows
  if (found?.ahead === true) return
  const eventId = await createEdition(tx, now, lanes)
  if (found === undefined || found.editions === 0) await createPromoCodes(tx, now, eventId)
  else await extendFestivalCode(tx, eventId)
}

async function createEdition(tx: Transaction, now: Date, lanes: number): Promise<string> {
  // Gates open at 10:00 UTC, which is 10 or 11 in the morning there, and close on the third night.
  const startsAt = new Date(Math.floor(now.getTime() / DAY_MS + AHEAD_DAYS) * DAY_MS + 10 * HOUR_MS)
  const inDays = (days: number) => new Date(now.getTime() + days * DAY_MS)
  const { eventId } = await createEvent(tx, {
    ...BY,
    id: demoId(`festival ${startsAt.toISOString()}`),
    lanes,
    title: `Open Harbour Festival ${startsAt.getUTCFullYear()}`,
    description: 'Three days of music, food and short films on the old docks, with the river as the back wall.',
    venue: 'Doca Velha, Lisboa',
    timeZone: 'Europe/Lisbon',
    startsAt,
    endsAt: new Date(startsAt.getTime() + 62 * HOUR_MS),
    status: 'published',
    currency: CURRENCY,
    refundPolicy: {
      tiers: [
        { noticeMs: 30 * DAY_MS, basisPoints: 10_000 },
        { noticeMs: 7 * DAY_MS, basisPoints: 5_000 },
      ],
      refundsFee: false,
    },
    ticketTypes: [
      {
        name: 'Early Bird, three days',
        price: 5900,
        capacity: 300,
        saleStartsAt: inDays(-7),
        saleEndsAt: inDays(21),
        maxPerBooking: 4,
      },
      { name: 'Festival Pass, three days', price: 8900, capacity: 2000, maxPerBooking: 8 },
      { name: 'Saturday', price: 3900, capacity: 800, saleStartsAt: inDays(30), maxPerBooking: 8 },
      { name: 'VIP, three days', price: 18900, capacity: 60, maxPerBooking: 2, maxPerCustomer: 2 },
      { name: 'Child under 12', price: 0, capacity: 400, maxPerBooking: 4 },
    ],
  })
  return eventId
}

async function createPromoCodes(tx: Transaction, now: Date, eventId: string): Promise<void> {
  await createPromoCode(tx, {
    ...BY,
    id: demoId('promo code EARLY20'),
    code: DEMO_PROMO_CODE,
    kind: 'percent',
    value: 2000,
  })
  await createPromoCode(tx, {
    ...BY,
    id: FESTIVAL_PROMO_CODE_ID,
    code: 'TENOFF',
    kind: 'fixed',
    value: 1000,
    currency: CURRENCY,
    resourceIds: [eventId],
  })
  await createPromoCode(tx, {
    ...BY,
    id: demoId('promo code ONCE'),
    code: 'ONCE',
    kind: 'percent',
    value: 5000,
    maxRedemptions: 1,
    maxPerCustomer: 1,
  })
  await createPromoCode(tx, {
    ...BY,
    id: demoId('promo code LASTYEAR'),
    code: 'LASTYEAR',
    kind: 'percent',
    value: 2500,
    startsAt: new Date(now.getTime() - 365 * DAY_MS),
    endsAt: new Date(now.getTime() - 300 * DAY_MS),
  })
}

/** Extends TENOFF to this edition: the code is for all of them. */
async function extendFestivalCode(tx: Transaction, eventId: string): Promise<void> {
  await tx.orm.insert(promoCodeResources).values({ promoCodeId: FESTIVAL_PROMO_CODE_ID, resourceId: eventId })
  await tx.orm.insert(audit).values({
    id: newId(),
    at: sql`clock_timestamp()`,
    organizerId: DEMO_ORGANIZER_ID,
    ...SYSTEM,
    action: 'promo_code.extended',
    entity: 'promo_code',
    entityId: FESTIVAL_PROMO_CODE_ID,
    after: { addedResourceId: eventId },
  })
}
