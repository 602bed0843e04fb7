import pg from 'pg'
import { beforeEach, describe, expect, it } from 'vitest'
import { violatedConstraint } from '@boxoffice/core/db/sql-errors.ts'
import { newId } from '@boxoffice/core/runtime/new-id.ts'
import { givenEvent, givenPromoCode, givenShowtime } from '../support/catalogue.ts'
import { sharedDatabase } from '../support/database.ts'
import { shared } from '../support/shared.ts'

/** Statements that the database itself refuses, whatever the code does. */

let seq = 0
const db = sharedDatabase()
const showtime = shared(() => givenShowtime(db.database))

const query = (text: string, values: unknown[] = []) => db.database.pool.query(text, values)

/** Returns the constraint that refused the statement, or the trigger's message. */
async function refusalOf(statement: Promise<unknown>): Promise<string> {
  try {
    await statement
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) throw error
    return violatedConstraint(error) ?? error.message
  }
  throw new Error('the database took it')
}

type Row = Readonly<Record<string, unknown>>

function insert(table: string, row: Row): Promise<unknown> {
  const columns = Object.keys(row)
  const places = columns.map((_, index) => `$${index + 1}`)
  return query(`insert into ${table} (${columns.join(', ')}) values (${places.join(', ')})`, Object.values(row))
}

const request = (more: Row = {}): Row => ({
  id: newId(),
  seq: ++seq,
  resource_id: showtime.showtimeId,
  owner: 'buyer',
  idempotency_key: newId(),
  body_hash: Buffer.alloc(32),
  payload: '{}',
  customer_keys: ['buyer'],
  accepted_at: new Date(),
  ...more,
})

const REFERENCE_LETTERS = 'ABCDEFGHJKMNPQRSTUVWXYZ23456789'
function reference(): string {
  return Array.from({ length: 8 }, () => REFERENCE_LETTERS.charAt(Math.floor(Math.random() * 31))).join('')
}

const booking = (more: Row = {}): Row => ({
  id: newId(),
  reference: reference(),
  request_id: newId(),
  resource_id: showtime.showtimeId,
  organizer_id: showtime.organizerId,
  owner: 'buyer',
  customer_name: 'B. Uyer',
  customer_email: 'buyer@example.org',
  customer_keys: ['buyer'],
  status: 'pending',
  payment_status: 'pending',
  currency: 'EUR',
  subtotal: 2000,
  discount: 400,
  fee: 48,
  total: 1648,
  expires_at: new Date(),
  created_at: new Date(),
  updated_at: new Date(),
  ...more,
})

const payment = (more: Row = {}): Row => ({
  id: newId(),
  booking_id: newId(),
  provider: 'fake',
  status: 'completed',
  currency: 'EUR',
  amount: 1000,
  captured: 1000,
  captured_currency: 'EUR',
  ...more,
})

describe('inventory (I1)', () => {
  it('gives a seat of a showtime to one booking', async () => {
    const seat = { showtime_id: showtime.showtimeId, seat_label: 'A1', booking_id: newId() }
    await insert('seat_allocations', seat)
    expect(await refusalOf(insert('seat_allocations', { ...seat, booking_id: newId() }))).toMatch(
      /^seat_allocations.*pk/,
    )
  })

  it('never sells more than the capacity, nor gives back more than was sold', async () => {
    const { ticketTypeIds } = await givenEvent(db.database, { ticketTypes: [{ capacity: 2 }] })
    const sell = (by: number) =>
      query('update ticket_type_state set sold = sold + $2 where ticket_type_id = $1', [ticketTypeIds[0], by])
    await sell(2)
    expect(await refusalOf(sell(1))).toBe('ticket_type_state_not_oversold')
    expect(await refusalOf(sell(-3))).toBe('ticket_type_state_not_oversold')
  })

  it('never redeems a promo code more often than it may', async () => {
    const { promoCodeId } = await givenPromoCode(db.database, { organizerId: showtime.organizerId, maxRedemptions: 1 })
    const redeem = (by: number) =>
      query('update promo_code_state set redeemed = redeemed + $2 where promo_code_id = $1', [promoCodeId, by])
    await redeem(1)
    expect(await refusalOf(redeem(1))).toBe('promo_code_state_within_limit')
    expect(await refusalOf(redeem(-2))).toBe('promo_code_state_not_negative')
  })
})

describe('money (I5)', () => {
  it.each<[string, Row]>([
    ['a total that does not add up', { total: 1649 }],
    ['a discount above the subtotal', { discount: 2001, total: 47 }],
    ['a negative discount', { discount: -1, total: 2049 }],
    ['a negative fee', { fee: -1, total: 1599 }],
  ])('refuses a booking with %s', async (_, change) => {
    await insert('bookings', booking())
    expect(await refusalOf(insert('bookings', booking(change)))).toBe('bookings_money')
  })

  it('refuses an item discounted below zero', async () => {
    const item = { booking_id: newId(), position: 0, seat_label: 'A1', quantity: 1, unit_price: 500, discount: 501 }
    expect(await refusalOf(insert('booking_items', item))).toBe('booking_items_money')
  })

  it.each<[string, Row]>([
    ['refunded more than was captured', { refunded: 1001 }],
    ['promised more refunds than was captured', { refunded: 600, reserved: 401 }],
    ['promised a negative refund', { reserved: -1 }],
  ])('refuses a payment that %s', async (_, change) => {
    await insert('payments', payment({ refunded: 600, reserved: 400 }))
    expect(await refusalOf(insert('payments', payment(change)))).toBe('payments_refunds_within_captured')
  })

  it.each<[string, Row]>([
    ['more than its amount', { captured: 1001 }],
    ['less than its amount', { captured: 999 }],
    ['its amount in another currency', { captured_currency: 'USD' }],
  ])('refuses a completed payment that captured %s', async (_, change) => {
    expect(await refusalOf(insert('payments', payment(change)))).toBe('payments_captured_as_asked')
    // Money taken in spite of that is kept with a failed payment, because it has to be refunded.
    await insert('payments', payment({ ...change, status: 'failed', failure: 'amount_mismatch' }))
  })

  it('has one open payment for a booking, and any number of failed ones', async () => {
    const open = { booking_id: newId(), status: 'pending', captured: 0, captured_currency: null }
    const failed = { ...open, status: 'failed', failure: 'hold_expired' }
    await insert('payments', payment(failed))
    await insert('payments', payment(failed))
    await insert('payments', payment(open))
    expect(await refusalOf(insert('payments', payment({ ...open, status: 'processing' })))).toBe('payments_one_open')
  })
})

describe('a booking request', () => {
  it('has its place in its line to itself', async () => {
    const first = request()
    await insert('booking_requests', first)
    expect(await refusalOf(insert('booking_requests', request({ seq: first['seq'] })))).toBe(
      'booking_requests_resource_seq',
    )
    const { eventId } = await givenEvent(db.database)
    await insert('booking_requests', request({ seq: first['seq'], resource_id: eventId }))
  })

  it('is the only one of its owner with its idempotency key (I4)', async () => {
    await insert('booking_requests', request({ idempotency_key: 'k' }))
    expect(await refusalOf(insert('booking_requests', request({ idempotency_key: 'k' })))).toBe(
      'booking_requests_owner_key',
    )
    await insert('booking_requests', request({ idempotency_key: 'k', owner: 'another' }))
  })

  it.each<[string, Row]>([
    ['booked without a booking', { state: 'booked', decided_at: new Date() }],
    ['booked and refused', { state: 'booked', decided_at: new Date(), booking_id: newId(), refusal: '{}' }],
    ['refused without a reason', { state: 'refused', decided_at: new Date() }],
    ['decided at no time', { state: 'refused', refusal: '{}' }],
    ['queued with a booking', { booking_id: newId() }],
    ['of an unknown state', { state: 'lost' }],
  ])('is not %s', async (_, change) => {
    expect(await refusalOf(insert('booking_requests', request(change)))).toBe('booking_requests_outcome')
  })

  it('has one booking', async () => {
    const first = booking()
    await insert('bookings', first)
    const again = booking({ request_id: first['request_id'] })
    expect(await refusalOf(insert('bookings', again))).toBe('bookings_request')
    expect(await refusalOf(insert('bookings', booking({ reference: first['reference'] })))).toBe('bookings_reference')
  })

  describe('once decided (I3)', () => {
    let id: string
    beforeEach(async () => {
      id = newId()
      await insert('booking_requests', request({ id }))
      await query(
        `update booking_requests set state = 'refused', decided_at = now(), refusal = '{"code":"in_the_past"}' where id = $1`,
        [id],
      )
    })

    it.each([
      `state = 'booked', refusal = null, booking_id = id`,
      `state = 'queued', refusal = null, decided_at = null`,
      `refusal = '{"code":"seat_unavailable"}'`,
      `decided_at = now() + interval '1 second'`,
      `seq = seq + 1000000`,
      `resource_id = gen_random_uuid()`,
    ])('refuses to set %s', async (change) => {
      const refusal = await refusalOf(query(`update booking_requests set ${change} where id = $1`, [id]))
      expect(refusal).toContain('an outcome never changes')
    })

    it('may lose its personal data', async () => {
      await query(`update booking_requests set payload = '{}', customer_keys = '{}' where id = $1`, [id])
    })
  })

  it.each(['seq = seq + 1000', 'resource_id = gen_random_uuid()', `owner = 'another'`, 'accepted_at = now()'])(
    'keeps its place in line while it waits: %s is refused (I8)',
    async (change) => {
      const undecided = request({ accepted_at: new Date('2026-01-01') })
      await insert('booking_requests', undecided)
      const refusal = await refusalOf(query(`update booking_requests set ${change} where id = $1`, [undecided['id']]))
      expect(refusal).toContain('a request keeps its place in line')
    },
  )

  it('is not deleted before it is decided (I2)', async () => {
    const undecided = request()
    await insert('booking_requests', undecided)
    const refusal = await refusalOf(query('delete from booking_requests where id = $1', [undecided['id']]))
    expect(refusal).toContain('an accepted request must be decided first')
  })
})

describe('a line', () => {
  it('is there as soon as its showtime or event is', async () => {
    const id = newId()
    await insert('resources', { id, kind: 'event', organizer_id: showtime.organizerId })
    const { rows } = await query('select next, draining from lines where resource_id = $1', [id])
    expect(rows).toEqual([{ next: 1, draining: false }])
  })

  it('never goes back (I8)', async () => {
    const { eventId } = await givenEvent(db.database)
    const setWatermark = (watermark: number) =>
      query('update resource_state set watermark = $2 where resource_id = $1', [eventId, watermark])
    const setNext = (next: number) => query('update lines set next = $2 where resource_id = $1', [eventId, next])
    await setNext(6)
    await setWatermark(5)
    expect(await refusalOf(setWatermark(4))).toContain('never falls')
    expect(await refusalOf(setNext(5))).toContain('never given twice')
  })
})

describe('the audit', () => {
  it.each([
    'update audit set actor = actor',
    'delete from audit',
    'truncate audit',
    'delete from audit_default',
    'truncate audit_default',
  ])('refuses to %s', async (statement) => {
    await insert('audit', {
      id: newId(),
      at: new Date(),
      actor: 'system',
      action: 'x',
      entity: 'x',
      entity_id: newId(),
    })
    // No month before the first partition has one, so this row is in the default one.
    await insert('audit', {
      id: newId(),
      at: new Date('2001-01-01'),
      actor: 'system',
      action: 'x',
      entity: 'x',
      entity_id: newId(),
    })
    expect(await refusalOf(query(statement))).toContain('audit is append-only')
  })

  it('refuses to truncate the partition of a month', async () => {
    const { rows } = await query(
      `select inhrelid::regclass::text as partition from pg_inherits where inhparent = 'audit'::regclass`,
    )
    expect(rows.length).toBeGreaterThanOrEqual(5)
    for (const { partition } of rows) {
      expect(await refusalOf(query(`truncate ${partition}`))).toContain('audit is append-only')
    }
  })
})

describe('a showtime or event', () => {
  it.each(['delete from resources where id = $1', 'update resources set id = gen_random_uuid() where id = $1'])(
    'stays, for requests and bookings have no foreign key to it: %s is refused',
    async (statement) => {
      const id = newId()
      await insert('resources', { id, kind: 'event', organizer_id: showtime.organizerId })
      expect(await refusalOf(query(statement, [id]))).toContain('cancelled, never deleted')
    },
  )
})

describe('a layout', () => {
  it('is never changed', async () => {
    const change = query('update seats set disabled = true where layout_id = $1', [showtime.layoutId])
    expect(await refusalOf(change)).toContain('a changed layout is a new version')
    const renumber = query('update layouts set version = 9 where id = $1', [showtime.layoutId])
    expect(await refusalOf(renumber)).toContain('a changed layout is a new version')
    const removal = query('delete from seats where layout_id = $1', [showtime.layoutId])
    expect(await refusalOf(removal)).toContain('a changed layout is a new version')
    const rename = query(`update seat_categories set name = 'Other' where layout_id = $1`, [showtime.layoutId])
    expect(await refusalOf(rename)).toContain('a changed layout is a new version')
  })

  it('goes as a whole, once no showtime uses it', async () => {
    const layoutId = newId()
    const categoryId = newId()
    const { rows } = await query('select auditorium_id as id from showtimes where id = $1', [showtime.showtimeId])
    await insert('layouts', { id: layoutId, auditorium_id: rows[0].id, version: 2 })
    await insert('seat_categories', { id: categoryId, layout_id: layoutId, name: 'Standard', position: 0 })
    const seat = { layout_id: layoutId, row_label: 'A', x: 0, y: 0, category_id: categoryId }
    for (const number of [1, 2]) await insert('seats', { ...seat, label: `A${number}`, number, position: number })
    const oneSeat = query(`delete from seats where layout_id = $1 and label = 'A1'`, [layoutId])
    expect(await refusalOf(oneSeat)).toContain('goes as a whole')
    await query('delete from seats where layout_id = $1', [layoutId])
    await query('delete from seat_categories where layout_id = $1', [layoutId])
    await query('delete from layouts where id = $1', [layoutId])
    expect(await refusalOf(query('delete from layouts where id = $1', [showtime.layoutId]))).toContain('layout_id')
  })
})
