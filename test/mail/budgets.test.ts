import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type MailBudgets, PAID_BUDGET_FACTOR } from '@boxoffice/core/domain/mail-budget.ts'
import { cancelBooking } from '@boxoffice/core/bookings/cancel-booking.ts'
import type { MailResult } from '@boxoffice/core/mail/mail-sender.ts'
import { publishOutgoingEvents } from '@boxoffice/core/outbox/publish-outgoing-events.ts'
import { requestRecovery } from '@boxoffice/core/bookings/recovery/request-recovery.ts'
import { givenShowtime, type GivenShowtime } from '../support/catalogue.ts'
import { sharedDatabase } from '../support/database.ts'
import { seatsRequest } from '../support/engine.ts'
import { buyerOf, givenBookings, type GivenBooking, givenPaid, sharedLifecycle } from '../support/lifecycle.ts'
import { mailsOf, type MailProcess, openMailProcess } from './mail-stage.ts'
import { openSmtpStandIn, type SmtpStandIn } from './smtp-stand-in.ts'

const PER_HOUR = 4
const BUDGETS: MailBudgets = { perRecipientAnHour: PER_HOUR, perLineAMinute: 1_000 }
const VICTIM = 'victim@example.org'

let free: GivenShowtime
let paid: GivenShowtime
let smtp: SmtpStandIn
let processes: MailProcess[] = []
const db = sharedDatabase()
const lifecycle = sharedLifecycle(db)
beforeEach(async () => {
  smtp = await openSmtpStandIn()
  await db.database.pool.query('delete from mails')
  free = await givenShowtime(db.database, { rows: 10, seatsPerRow: 20, price: 0 })
  paid = await givenShowtime(db.database, { rows: 10, seatsPerRow: 20 })
})
afterEach(async () => {
  await smtp.close()
  await Promise.all(processes.map((process) => process.close()))
  processes = []
})

function open(budgets?: MailBudgets): MailProcess {
  const process = openMailProcess(db, {
    settings: { SMTP_URL: smtp.url },
    ...(budgets !== undefined && { budgets }),
  })
  processes.push(process)
  return process
}

/** Books one seat for each of these addresses and publishes the events. Free bookings are confirmed. */
async function book(house: GivenShowtime, emails: readonly string[]): Promise<readonly GivenBooking[]> {
  const { rows } = await db.database.pool.query<{ taken: number }>(
    'select count(*)::int as taken from bookings where resource_id = $1',
    [house.showtimeId],
  )
  const taken = rows[0]?.taken ?? 0
  const bookings = await givenBookings(
    db,
    emails.map((email, index) => {
      const request = seatsRequest(house.showtimeId, house.seats.slice(taken + index, taken + index + 1))
      return { ...request, payload: { ...request.payload, customer: { name: 'Ada', email } } }
    }),
  )
  await publishOutgoingEvents(lifecycle.database)
  return bookings
}

async function pay(booking: GivenBooking): Promise<void> {
  await givenPaid(lifecycle, booking)
  await publishOutgoingEvents(lifecycle.database)
}

async function cancel(booking: GivenBooking): Promise<void> {
  const order = { reference: booking.reference, caller: buyerOf(booking), requestId: 'test', keyed: null }
  await cancelBooking(lifecycle, order)
  await publishOutgoingEvents(lifecycle.database)
}

const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value)

/** Counts mails by status. */
async function tally(): Promise<Record<string, number>> {
  const { rows } = await db.database.pool.query<{ status: string; count: number }>(
    'select status, count(*)::int as count from mails group by 1',
  )
  return Object.fromEntries(rows.map(({ status, count }) => [status, count]))
}

/** Lets so much time pass, as far as mail is concerned. */
const pass = (interval: string) =>
  db.database.pool.query(
    `update mails set begun_at = begun_at - $1::interval, next_attempt_at = next_attempt_at - $1::interval,
       created_at = created_at - $1::interval`,
    [interval],
  )

test('the control: without a budget, whoever books for nothing and cancels has mail sent to a stranger without end', async () => {
  const { sendDue } = open()
  for (const booking of await book(free, times(PER_HOUR + 2, VICTIM))) {
    await sendDue()
    await cancel(booking)
    await sendDue()
  }
  expect(smtp.taken).toHaveLength(2 * (PER_HOUR + 2))
})

describe('an address', () => {
  test('gets so many mails an hour, whoever has them sent, and however it is written', async () => {
    const written = ['Victim@Example.ORG', VICTIM, 'victim+1@example.org', 'victim+two@example.org']
    const { sendDue } = open(BUDGETS)
    const bookings = await book(free, [...written, ...written])
    await sendDue()
    for (const booking of bookings) await cancel(booking)
    await sendDue()
    expect(smtp.taken).toHaveLength(PER_HOUR)
    // An hour later it is the same. A booking cancelled before its mail gets no mail any more.
    await pass('61 minutes')
    await sendDue()
    expect(smtp.taken.length).toBeLessThanOrEqual(2 * PER_HOUR)
  })

  test('never more than that over two processes at once', async () => {
    const [one, other] = [open(BUDGETS), open(BUDGETS)]
    await book(free, times(24, VICTIM))
    await Promise.all([one.sendDue(), other.sendDue()])
    expect(smtp.taken).toHaveLength(PER_HOUR)
    expect(await tally()).toEqual({ sent: PER_HOUR, pending: 20 })
  })

  test('that has bought again and again gets each confirmation in the end', async () => {
    const { sendDue, logged } = open(BUDGETS)
    const bookings = await book(paid, times(PER_HOUR * PAID_BUDGET_FACTOR + 2, VICTIM))
    for (const booking of bookings) await givenPaid(lifecycle, booking)
    await publishOutgoingEvents(lifecycle.database)
    await sendDue()
    expect(await tally()).toEqual({ sent: PER_HOUR * PAID_BUDGET_FACTOR, pending: 2 })
    const waiting = (await Promise.all(bookings.map(({ id }) => mailsOf(db, id)))).flat()
    const waits = waiting.filter(({ status }) => status === 'pending')
    for (const { waitsS, attempts, failure } of waits) {
      expect(waitsS).toBeGreaterThan(3_500)
      expect(waitsS).toBeLessThanOrEqual(3_600)
      // It was not tried, and has all its tries before it.
      expect(attempts).toBe(0)
      expect(failure).toBe('Its address has reached the limit of mails in an hour.')
    }
    expect(logged.map(({ level }) => level)).toEqual(['info', 'info'])
    // Looked at again, it waits no longer for it.
    await sendDue()
    await pass('61 minutes')
    await sendDue()
    expect(await tally()).toEqual({ sent: bookings.length })
  })

  test('keeps no other one waiting', async () => {
    const { sendDue } = open(BUDGETS)
    await book(free, [...times(30, VICTIM), 'somebody.else@example.org'])
    await sendDue()
    expect(smtp.taken.map(({ to }) => to[0])).toContain('somebody.else@example.org')
  })

  test('has at most a hundred mails waiting of what cost nothing', async () => {
    const { sendDue, logged, results } = open(BUDGETS)
    await book(free, times(PER_HOUR + 103, VICTIM))
    await sendDue()
    expect(await tally()).toEqual({ sent: PER_HOUR, pending: 100, failed: 3 })
    expect(logged.filter(({ level }) => level === 'warn')).toHaveLength(3)
    const counted = (which: MailResult) => results.filter((result) => result === which).length
    expect([counted('sent'), counted('postponed'), counted('dropped')]).toEqual([PER_HOUR, 100, 3])
    expect(JSON.stringify(logged)).not.toContain('victim')
    // The person whose address was used buys something, and has the tickets at once.
    const [bought] = await book(paid, [VICTIM])
    if (bought === undefined) throw new Error('not booked')
    await givenPaid(lifecycle, bought)
    await publishOutgoingEvents(lifecycle.database)
    await sendDue()
    expect(await mailsOf(db, bought.id)).toMatchObject([{ kind: 'confirmation', status: 'sent' }])
  })
})

describe('a free booking that its buyer cancels', () => {
  test('before its confirmation was sent is told of by neither mail, and takes no room from others', async () => {
    const { sendDue } = open(BUDGETS)
    const bookings = await book(free, times(PER_HOUR, VICTIM))
    for (const booking of bookings) await cancel(booking)
    await sendDue()
    expect(smtp.taken).toEqual([])
    expect(await tally()).toEqual({ failed: 2 * PER_HOUR })
    await book(free, times(PER_HOUR, VICTIM))
    await sendDue()
    expect(smtp.taken).toHaveLength(PER_HOUR)
  })

  test('after its confirmation was sent, or may have been, is told of', async () => {
    const { sendDue } = open(BUDGETS)
    const [sent, underWay] = await book(free, times(2, VICTIM))
    if (sent === undefined || underWay === undefined) throw new Error('not booked')
    await db.database.pool.query(
      `update mails set attempts = 1, next_attempt_at = now() + interval '3 minutes' where booking_id = $1`,
      [underWay.id],
    )
    await sendDue()
    for (const booking of [sent, underWay]) await cancel(booking)
    await sendDue()
    expect(await mailsOf(db, sent.id)).toMatchObject([
      { kind: 'confirmation', status: 'sent' },
      { kind: 'cancellation', status: 'sent' },
    ])
    expect(await mailsOf(db, underWay.id)).toMatchObject([
      { kind: 'confirmation', status: 'pending' },
      { kind: 'cancellation', status: 'sent' },
    ])
  })
})

describe('links to bookings', () => {
  const ask = ({ reference }: GivenBooking, perDay: number | null) =>
    requestRecovery(lifecycle.database, { reference, email: VICTIM }, perDay)

  test('go to one address five times a day, however many bookings there are and however many ask at once', async () => {
    const bookings = await book(free, times(12, VICTIM))
    await db.database.pool.query('delete from mails')
    await Promise.all(bookings.map((booking) => ask(booking, 5)))
    expect(await tally()).toEqual({ pending: 5 })
    await pass('25 hours')
    await Promise.all(bookings.map((booking) => ask(booking, 5)))
    expect(await tally()).toEqual({ pending: 10 })
  })

  test('to a paid booking are sent where somebody else has used up the day with bookings that were not paid', async () => {
    const [own] = await book(paid, [VICTIM])
    if (own === undefined) throw new Error('not booked')
    await pay(own)
    const strangers = [...(await book(free, times(5, VICTIM))), ...(await book(paid, times(5, VICTIM)))]
    await db.database.pool.query('delete from mails')
    for (const booking of strangers) await ask(booking, 5)
    expect(await tally()).toEqual({ pending: 5 })
    await ask(own, 5)
    expect(await mailsOf(db, own.id)).toMatchObject([{ kind: 'recovery' }])
  })

  test('to paid bookings go to one address five times a day too', async () => {
    const bookings = await book(paid, times(6, VICTIM))
    for (const booking of bookings) await pay(booking)
    await db.database.pool.query('delete from mails')
    for (const booking of bookings) await ask(booking, 5)
    expect(await tally()).toEqual({ pending: 5 })
  })

  test('are sent where somebody else has used up the hour of the address, and take no room themselves', async () => {
    const { sendDue } = open(BUDGETS)
    const bookings = await book(free, times(PER_HOUR + 1, VICTIM))
    await sendDue()
    expect(smtp.taken).toHaveLength(PER_HOUR)
    const [first] = bookings
    if (first === undefined) throw new Error('not booked')
    await ask(first, 5)
    await sendDue()
    expect((await mailsOf(db, first.id)).at(-1)).toMatchObject({ kind: 'recovery', status: 'sent' })
    await pass('61 minutes')
    await ask(first, 5)
    await sendDue()
    await book(free, times(PER_HOUR - 1, VICTIM))
    await sendDue()
    expect(await tally()).toEqual({ sent: PER_HOUR + 1 + PER_HOUR - 1 + 2 })
  })
})

test('a showtime gets so many mails a minute sent about it, and another one does not wait for that', async () => {
  const { sendDue } = open({ ...BUDGETS, perLineAMinute: 3 })
  const emails = Array.from({ length: 8 }, (_, index) => `buyer-${index}@example.org`)
  await book(free, emails)
  const other = await givenShowtime(db.database, { price: 0 })
  await book(other, ['quiet@example.org'])
  await sendDue()
  expect(smtp.taken).toHaveLength(4)
  expect(smtp.taken.map(({ to }) => to[0])).toContain('quiet@example.org')
  await sendDue()
  expect(smtp.taken).toHaveLength(4)
  for (const sent of [7, 9]) {
    await pass('61 seconds')
    await sendDue()
    expect(smtp.taken).toHaveLength(sent)
  }
})
