import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Database } from '@boxoffice/core/db/connect.ts'
import { mergeVerifications, verifyRun } from '../../apps/load/src/verify/verify-run.ts'
import type { ObservedRequest } from '../../apps/load/src/generator/outcome.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { playSmallRun, type Told } from './small-run.ts'

let db: TestDatabase
/** One connection, so that a transaction begun here holds whatever is asked next. */
let single: Database
let told: Told
beforeAll(async () => {
  db = await createTestDatabase()
  told = await playSmallRun(db)
  single = db.open({ max: 1 })
})
afterAll(async () => {
  await single.close()
  await db.drop()
})

const verify = (said: Told = told) => verifyRun({ database: single, ...said, settleWithinMs: 0 })

/** Something that is broken: rows, what clients were told, or both. */
interface Corruption {
  /** Statements with triggers and foreign keys off, all undone afterwards. */
  readonly rows?: readonly string[]
  readonly told?: (told: Told) => Told
  /** Checks that this cannot but break as well. */
  readonly also?: readonly string[]
}

const PENDING = `(select id from bookings where status = 'pending' order by id limit 1)`
const CONFIRMED = `(select id from bookings where status = 'confirmed')`
/** Ticket type of an event and with a limit per customer. */
const LIMITED = '(select id from ticket_types where max_per_customer is not null)'
/** The request that came last, and second in its line. */
const LAST = 'id = (select id from booking_requests order by accepted_at desc limit 1)'
const REFUSED = (code: string) => `refusal->>'code' = '${code}'`
const QUEUED_ID = '019a0000-0000-7000-8000-000000000001'
const QUEUE_ONE = `
  insert into booking_requests
    (id, seq, resource_id, owner, idempotency_key, body_hash, payload, customer_keys, accepted_at)
  select '${QUEUED_ID}', 1000000, resource_id, owner, 'another key', body_hash, payload, customer_keys, accepted_at
  from booking_requests limit 1`

const payment = (booking: string, status: string, captured: number) => `
  insert into payments (id, booking_id, provider, status, currency, amount, captured, captured_currency, failure)
  values (gen_random_uuid(), ${booking}, 'fake', '${status}', 'EUR', 100, ${captured},
    ${captured > 0 ? "'EUR'" : 'null'}, ${status === 'failed' ? "'declined'" : 'null'})`

const firstRequest = (change: (first: ObservedRequest) => readonly ObservedRequest[]) => (run: Told) => {
  const [first, ...rest] = run.requests
  return { ...run, requests: first === undefined ? [] : [...change(first), ...rest] }
}

const CORRUPTIONS: Readonly<Record<string, Corruption>> = {
  'I1 a seat of two live bookings': {
    rows: [
      'alter table seat_allocations drop constraint seat_allocations_showtime_id_seat_label_pk',
      ...['booking_items', 'tickets', 'seat_allocations'].map(
        (table) => `update ${table} set seat_label = 'A1' where seat_label = 'A4'`,
      ),
    ],
  },
  'I1 oversold': {
    rows: [
      'alter table ticket_type_state drop constraint ticket_type_state_not_oversold',
      `update ticket_type_state set capacity = sold - 1 where ticket_type_id = ${LIMITED}`,
    ],
  },
  'I1 a promo code redeemed more often than it may be': {
    rows: [
      'alter table promo_code_state drop constraint promo_code_state_within_limit',
      'update promo_code_state set max_redemptions = redeemed - 1',
    ],
  },
  'I1 a promo code used for more places than it is good for': {
    rows: [
      'alter table promo_code_state drop constraint promo_code_state_tickets',
      'update promo_code_state set max_tickets = tickets - 1',
    ],
  },
  'I1 an oversold quota': {
    rows: [
      `update events e set quotas = jsonb_build_array(jsonb_build_object('name', 'All', 'ticketTypeIds',
          (select jsonb_agg(id) from ticket_types where event_id = e.id), 'capacity',
          (select sum(s.sold) - 1 from ticket_type_state s join ticket_types t on t.id = s.ticket_type_id
            where t.event_id = e.id)))`,
    ],
  },
  'I6 a seat that a live booking has lost, or a dead one kept': {
    rows: [`delete from seat_allocations where seat_label = 'A4'`],
  },
  'I6 a count of sold tickets': {
    rows: [`update ticket_type_state set sold = sold + 1 where ticket_type_id = ${LIMITED}`],
  },
  'I6 a count of places of an area': {
    rows: [
      `insert into area_state (resource_id, label, capacity, kept) select id, 'Floor', 5, 1 from resources limit 1`,
    ],
  },
  'I6 a count of tickets per customer': { rows: ['update ticket_type_customers set quantity = quantity + 1'] },
  'I6 a count of redemptions': { rows: ['update promo_code_state set redeemed = redeemed + 1'] },
  'I6 a count of the places of a promo code': { rows: ['update promo_code_state set tickets = tickets + 1'] },
  'I6 a count of redemptions per customer': { rows: ['update promo_code_customers set redeemed = redeemed + 1'] },
  'I6 a booking that was confirmed, and whose tickets are not those of its items, or one that has some too early': {
    rows: [`delete from tickets where booking_id = ${CONFIRMED} and ordinal = 1`],
  },
  'I6 a void ticket of a live booking, or a valid one of a dead one': {
    rows: [`update tickets set status = 'void' where booking_id = ${CONFIRMED} and ordinal = 1`],
  },
  'I6 a ticket admitted twice, or admitted and not marked': { rows: ['delete from check_ins'] },
  'I5 a total that is not subtotal - discount + fee': {
    rows: [
      'alter table bookings drop constraint bookings_money',
      `update bookings set total = total + 1 where id = ${PENDING}`,
    ],
  },
  'I5 a booking whose items do not sum up to it': {
    rows: [`update booking_items set discount = discount + 1 where booking_id = ${PENDING}`],
  },
  'I5 amounts of a payment that do not fit its refunds': {
    rows: [`update payments set refunded = refunded - 1 where booking_id = ${CONFIRMED}`],
  },
  'I5 money taken for nothing': { rows: [payment(PENDING, 'failed', 100)] },
  'I5 a confirmed booking that nobody paid': {
    rows: [
      'alter table payments drop constraint payments_captured_as_asked',
      `update payments set captured = captured + 1 where booking_id = ${CONFIRMED}`,
    ],
  },
  'I5 an open payment of a booking that waits for none': { rows: [payment(CONFIRMED, 'pending', 0)] },
  'I5 two open payments': {
    rows: ['drop index payments_one_open', payment(PENDING, 'pending', 0), payment(PENDING, 'processing', 0)],
  },
  'a reference that is not 8 characters, or of two bookings': {
    rows: [
      'alter table bookings drop constraint bookings_reference_form',
      `update bookings set reference = 'SHORT' where id = ${PENDING}`,
    ],
  },
  'I7 events with a gap': { rows: [`update outbox set entity_seq = entity_seq + 1 where type = 'ticket.checked_in'`] },
  'I7 a booking that does not begin with its creation': {
    rows: [`update outbox set entity_seq = 3 - entity_seq where entity_id = ${CONFIRMED} and entity_seq in (1, 2)`],
  },
  'I7 an event without its audit row, or the other way round': {
    rows: [`delete from audit where action = 'ticket.checked_in'`],
  },
  'I7 a status that the audit does not tell': {
    rows: [`update bookings set status = 'completed' where id = ${CONFIRMED}`],
  },
  'I7 two events at one place in the feed, or beyond its end': {
    rows: ['update outbox set position = 1 where position = 2'],
  },
  'I2 a request and a booking that do not belong to each other': {
    rows: [`update bookings set request_id = gen_random_uuid() where id = ${PENDING}`],
  },
  'I2 a request that was decided twice, or booked by nobody, by the audit': {
    rows: [
      'update event_feed set position = position + 1',
      `with again as (
         insert into audit (id, at, organizer_id, actor, action, entity, entity_id, after, request_id)
         select gen_random_uuid(), at, organizer_id, actor, action, entity, entity_id, after, request_id
         from audit where action = 'booking_request.refused' limit 1 returning *)
       insert into outbox (id, at, organizer_id, type, entity_id, entity_seq, payload, position)
       select again.id, again.at, organizer_id, action, entity_id, 2, after, event_feed.position from again, event_feed`,
    ],
  },
  'I7 a refusal that had to be recorded and has no audit row': {
    rows: [
      `delete from audit where action = 'booking_request.refused'`,
      `delete from outbox where type = 'booking_request.refused'`,
    ],
  },
  'I2 a request on the wrong side of what its line has decided': {
    rows: [`update booking_requests set seq = 1000000 where ${LAST}`],
  },
  'I8 a request decided before one that came earlier': {
    rows: [`update booking_requests set decided_at = decided_at - interval '1 hour' where ${LAST}`],
  },
  "I5 a fee that is not the organizer's share": {
    rows: [`update bookings set fee = fee + 1, total = total + 1 where id = ${PENDING}`],
  },
  'I5 a price that is not in the catalogue': {
    rows: [`update ticket_types set price = price + 1 where id = ${LIMITED}`],
  },
  "I5 a discount that is not its promo code's": { rows: ['update promo_codes set value = value - 1000'] },
  'I1 a booking of more places than one booking may have': {
    rows: ['update showtimes set max_seats_per_booking = 1'],
  },
  'I1 a customer with more tickets than one customer may have': {
    rows: [`update ticket_types set max_per_customer = 1 where id = ${LIMITED}`],
  },
  'I8 a request refused although the tickets were there when its turn came': {
    rows: [`update booking_requests set seq = 0 where ${REFUSED('tickets_unavailable')}`],
  },
  'I8 a request refused for seats that nobody before it had': {
    rows: [`update booking_requests set seq = 0 where ${REFUSED('seat_unavailable')}`],
  },
  'I2 an accepted request that is lost': {
    told: firstRequest((first) => [first, { ...first, requestId: randomUUID() }]),
  },
  'I2 an accepted request for something else than its client asked for': {
    told: firstRequest((first) => [{ ...first, resourceId: randomUUID() }]),
  },
  'I2 an accepted request without an outcome': {
    rows: [QUEUE_ONE],
    told: firstRequest((first) => [first, { ...first, requestId: QUEUED_ID, outcome: null, decidedMs: null }]),
    also: ['I2 a request that nobody decided'],
  },
  'I3 an outcome that is not what the client was told': {
    told: firstRequest((first) => [{ ...first, outcome: 'refused' }]),
  },
  'I4 one request that two clients were told of': { told: firstRequest((first) => [first, first]) },
  'I8 a request before one that its sender could have known of': {
    // The event's first request, said to have been sent when the others had their 202.
    told: firstRequest((first) => [{ ...first, sentMs: 11, acceptedMs: 12 }]),
  },
  'I2 a reference that a client was told and no booking has': {
    told: (run) => ({ ...run, references: [...run.references, 'ABCDEFGH'] }),
  },
  'I2 a reference that two clients were told': {
    told: (run) => ({ ...run, references: [...run.references, ...run.references] }),
  },
  'I2 bookings that are missing': { told: (run) => ({ ...run, bookings: run.bookings + 1 }) },
  'I2 a request that nobody decided': { rows: [QUEUE_ONE] },
  'I2 a line whose last request is not decided': {
    rows: [`update lines set next = next + 1 where resource_id = (select id from events)`],
  },
  'I6 a hold that is long over and keeps its places': {
    rows: [`update bookings set expires_at = clock_timestamp() - interval '1 minute' where id = ${PENDING}`],
  },
  'I5 a refund that is not settled': {
    rows: [
      `update payments set refunded = 0, reserved = refunded where booking_id = ${CONFIRMED}`,
      `update refunds set status = 'sent', send_at = now() where booking_id = ${CONFIRMED}`,
    ],
  },
  'I5 a payment report that nobody acted on': { rows: ['update provider_inbox set handled_at = null'] },
  'I7 an event that was not published': {
    rows: ['update outbox set position = null where position = (select max(position) from outbox)'],
  },
}

describe('the verification of a run', () => {
  it('finds nothing where all is well', async () => {
    const { checks, violations } = await verify()
    expect(violations).toEqual([])
    expect(checks.filter(({ bad }) => bad !== 0)).toEqual([])
    expect(told.requests.map(({ outcome }) => outcome)).toEqual([
      ...Array.from({ length: 5 }, () => 'booked'),
      'refused',
      'booked',
      'refused',
    ])
  })

  it('has a case below for each of its checks', async () => {
    const { checks } = await verify()
    expect(Object.keys(CORRUPTIONS).toSorted()).toEqual(checks.map(({ what }) => what).toSorted())
  })

  it.each(Object.entries(CORRUPTIONS))('finds: %s', async (name, { rows = [], told: retell, also = [] }) => {
    await single.pool.query('begin')
    try {
      await single.pool.query(`set local session_replication_role = 'replica'`)
      for (const statement of rows) await single.pool.query(statement)
      const { checks, violations } = await verify(retell?.(told))
      const failed = checks.filter(({ bad }) => bad > 0).map(({ what }) => what)
      expect(failed.toSorted()).toEqual([name, ...also].toSorted())
      expect(violations).toHaveLength(failed.length)
      expect(violations).toContainEqual(expect.stringContaining(`${name}: `))
    } finally {
      await single.pool.query('rollback')
    }
  })
})

describe('what workers still have to finish', () => {
  it('is waited for', async () => {
    const outbox = 'update outbox set position = $1 where position is not distinct from $2'
    const { rows } = await db.database.pool.query<{ last: number }>('select max(position) as last from outbox')
    const last = rows[0]?.last ?? 0
    await db.database.pool.query(outbox, [null, last])
    let looked = 0
    const pool = new Proxy(db.database.pool, {
      get: (target, property) => {
        if (property !== 'query') return Reflect.get(target, property)
        return async (text: string, values?: unknown[]) => {
          const answer = await target.query(text, values)
          // It is published right after the verification has seen that it was not.
          if (text.includes('from outbox where position is null') && (looked += 1) === 1) {
            await target.query(outbox, [last, null])
          }
          return answer
        }
      },
    })
    const { violations } = await verifyRun({ database: { ...db.database, pool }, ...told, settleWithinMs: 20_000 })
    expect(violations).toEqual([])
    expect(looked).toBe(2)
  })
})

describe('a run whose workers are stopped', () => {
  const expected = () => ({ ...told, database: db.database, settleWithinMs: null })

  it('is verified without what they would still have to do, and a baseline without the line', async () => {
    expect((await verifyRun(expected())).violations).toEqual([])
    const { checks, violations } = await verifyRun({ ...expected(), hasLine: false })
    expect(violations).toEqual([])
    expect(checks.map(({ what }) => what)).not.toContain('I2 a request that nobody decided')
  })

  it('lacks bookings and requests that are missing, and seats that were not taken before', async () => {
    const [first] = told.requests
    const lost = { ...first, requestId: randomUUID() } as ObservedRequest
    const requests = [...told.requests, lost]
    expect((await verifyRun({ ...expected(), requests, bookings: 7, preallocated: 1 })).violations).toEqual([
      'I6 a seat that a live booking has lost, or a dead one kept: 1',
      `I2 an accepted request that is lost: 1, such as ${lost.requestId}`,
      'I2 bookings that are missing: 1',
    ])
  })

  it('of several is summed up by check', async () => {
    const one = await verifyRun(expected())
    const other = await verifyRun({ ...expected(), bookings: 8 })
    const { checks, violations } = mergeVerifications([
      { run: 'first', ...one },
      { run: 'second', ...other },
    ])
    expect(checks).toHaveLength(one.checks.length)
    expect(checks.find(({ bad }) => bad > 0)).toEqual({ what: 'I2 bookings that are missing', bad: 2 })
    expect(violations).toEqual(['second: I2 bookings that are missing: 2'])
  })
})
