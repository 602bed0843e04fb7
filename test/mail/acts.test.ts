import { simpleParser } from 'mailparser'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { inTransaction } from '@boxoffice/core/db/transaction.ts'
import type { RefundChoice } from '@boxoffice/core/domain/money/refund-policy.ts'
import { cancelBooking } from '@boxoffice/core/bookings/cancel-booking.ts'
import { cancelResources } from '@boxoffice/core/bookings/cancel-resources.ts'
import { changeStatus } from '@boxoffice/core/bookings/change-status.ts'
import { cancelResource } from '@boxoffice/core/bookings/cancel-resource.ts'
import * as organizerOperations from '@boxoffice/contract/operations/management-organizers.ts'
import { changeThing } from '@boxoffice/core/catalogue/plain-thing.ts'
import { organizers } from '@boxoffice/core/catalogue/plain-things.ts'
import { updateEvent } from '@boxoffice/core/catalogue/update-event.ts'
import { updateShowtime } from '@boxoffice/core/catalogue/update-showtime.ts'
import { remindOfHolds } from '@boxoffice/core/bookings/remind-of-holds.ts'
import { requestRefund } from '@boxoffice/core/bookings/payments/request-refund.ts'
import { sendDueRefunds } from '@boxoffice/core/bookings/payments/send-refunds.ts'
import { settleRefund } from '@boxoffice/core/bookings/payments/settle-refund.ts'
import { givenEvent, givenPromoCode, givenShowtime, type GivenShowtime } from '../support/catalogue.ts'
import { seatsRequest, ticketsRequest } from '../support/engine.ts'
import {
  buyerOf,
  closeLifecycles,
  givenBooking,
  type GivenBooking,
  givenPaid,
  type Lifecycle,
  openLifecycle,
  staffOf,
  startPaying,
} from '../support/lifecycle.ts'
import { tellOthers } from '../support/tell-others.ts'
import { readPdf } from '../tickets/read-pdf.ts'
import { mailsOf, type MailProcess, openMailProcess } from './mail-stage.ts'
import { openSmtpStandIn, type SmtpStandIn } from './smtp-stand-in.ts'
import { sharedDatabase } from '../support/database.ts'
import { shared } from '../support/shared.ts'

const BUYER = { name: 'Ada Lovelace', email: 'ada@example.org' }

let lifecycle: Lifecycle
let smtp: SmtpStandIn
let process: MailProcess
let seat = 0
const db = sharedDatabase()
const house = shared(() => givenShowtime(db.database, { rows: 10, seatsPerRow: 20 }))
beforeEach(async () => {
  lifecycle = openLifecycle(db)
  smtp = await openSmtpStandIn()
  process = openMailProcess(db, { settings: { SMTP_URL: smtp.url } })
  // Mails that earlier tests left waiting are not this test's.
  await tellOthers(lifecycle)
  await db.database.pool.query(`update mails set status = 'failed', next_attempt_at = null where status = 'pending'`)
})
afterEach(async () => {
  await process.close()
  await smtp.close()
  await closeLifecycles()
})

/** Publishes and sends everything there is; returns the mails of this act, oldest first. */
async function mailed() {
  const before = smtp.taken.length
  await tellOthers(lifecycle)
  await process.sendDue()
  const mails = await Promise.all(smtp.taken.slice(before).map(({ raw }) => simpleParser(raw)))
  return mails.map(({ subject = '', text = '', replyTo, attachments }) => ({
    subject,
    replyTo: replyTo?.value.map(({ address }) => address) ?? [],
    text: text.replaceAll(/\s+/g, ' '),
    attachments,
  }))
}

async function book(at: GivenShowtime = house, seats = house.seats.slice(seat, (seat += 2))): Promise<GivenBooking> {
  const request = seatsRequest(at.showtimeId, seats)
  return givenBooking(db, { ...request, payload: { ...request.payload, customer: BUYER } })
}

/** Books two seats at 10.00 with a fee of 0.60, paid online. The confirmation is sent. */
async function confirmed(at?: GivenShowtime, seats?: string[]): Promise<GivenBooking> {
  const booking = await book(at, seats)
  await givenPaid(lifecycle, booking)
  expect(await mailed()).toHaveLength(1)
  return booking
}

/** Books two seats, paid at the counter. The confirmation is sent. */
async function confirmedByHand(): Promise<GivenBooking> {
  const booking = await book()
  const by = { reference: booking.reference, caller: staffOf(booking), requestId: 'test', keyed: null }
  await changeStatus(lifecycle, { ...by, status: 'confirmed', reason: 'Paid in cash' })
  expect(await mailed()).toHaveLength(1)
  return booking
}

const cancel = (booking: GivenBooking, as: 'buyer' | 'organizer', refund?: RefundChoice) =>
  cancelBooking(lifecycle, {
    reference: booking.reference,
    caller: as === 'buyer' ? buyerOf(booking) : staffOf(booking, 'organizer'),
    requestId: 'test',
    reason: 'Known to us as a tout',
    refund,
    keyed: null,
  })

const refund = (booking: GivenBooking, amount?: number, cancelsToo = false) =>
  requestRefund(lifecycle, {
    reference: booking.reference,
    caller: staffOf(booking, 'organizer'),
    requestId: 'test',
    amount,
    reason: 'The seat was broken',
    cancelBooking: cancelsToo,
    keyed: null,
  })

const sendRefunds = () => sendDueRefunds(lifecycle, new AbortController().signal)

describe('places that staff keep', () => {
  test('are told of before their hold ends, once, and without tickets', async () => {
    const [first = ''] = house.seats.slice(seat, (seat += 1))
    const holdUntil = new Date(Date.now() + 5 * 86_400_000).toISOString()
    const { payload, ...request } = seatsRequest(house.showtimeId, [first])
    const terms = { seller: 'house' as const, holdUntil, customer: BUYER }
    const booking = await givenBooking(db, { ...request, payload: { ...payload, ...terms } })
    const makeDue = () => db.database.pool.query('update bookings set remind_at = now() where id = $1', [booking.id])
    await makeDue()
    await remindOfHolds(lifecycle)
    const [reminder, ...more] = await mailed()
    expect(reminder?.subject).toContain('Kept for you until')
    expect(reminder?.text).toContain(`Hello ${BUYER.name}, your places are kept until`)
    expect(reminder?.attachments).toEqual([])
    expect(more).toEqual([])

    // One that was on its way while the buyer paid is not sent.
    await makeDue()
    await remindOfHolds(lifecycle)
    await givenPaid(lifecycle, booking)
    expect((await mailed()).map(({ subject }) => subject)).toEqual([expect.stringContaining('Your tickets for')])
  })
})

describe('one act is one mail', () => {
  test('a cancellation tells of its refund, which has no mail of its own', async () => {
    const booking = await confirmed()
    await cancel(booking, 'organizer')
    const [mail, ...more] = await mailed()
    expect(more).toEqual([])
    expect(mail?.text).toContain('the organizer, An Organizer, had to cancel')
    expect(mail?.text).toContain('20.60 EUR, all that you paid, is refunded to your payment method')
    expect(mail?.text).not.toContain('tout')
    await sendRefunds()
    expect(await mailed()).toEqual([])
  })

  test('also where both are published at once, and where a refund cancels the booking', async () => {
    const [one, other] = [await confirmed(), await confirmed()]
    await cancel(one, 'buyer')
    await refund(other, undefined, true)
    await sendRefunds()
    const mails = await mailed()
    expect(mails.map(({ subject }) => subject).toSorted()).toEqual(
      [one, other].map(({ reference }) => `Cancelled: A Film (${reference})`).toSorted(),
    )
    for (const { text } of mails) expect(text).toMatch(/20\.\d\d EUR.* is refunded/)
  })

  test('a refund without a cancellation is told, and so is one after it', async () => {
    const booking = await confirmed()
    await refund(booking, 1000)
    await sendRefunds()
    expect((await mailed()).map(({ subject }) => subject)).toEqual([
      `10.00 EUR refunded: A Film (${booking.reference})`,
    ])
    await cancel(booking, 'organizer', 'none')
    expect((await mailed()).map(({ subject }) => subject)).toEqual([`Cancelled: A Film (${booking.reference})`])
    await refund(booking, 500)
    await sendRefunds()
    expect((await mailed()).map(({ subject }) => subject)).toEqual([`5.00 EUR refunded: A Film (${booking.reference})`])
  })

  test('a refund that fails and comes through later is told then', async () => {
    const booking = await confirmed()
    lifecycle.provider.answerRefunds({ status: 'failed', reason: 'the account is closed' })
    const { refundIds } = await cancel(booking, 'organizer')
    await sendRefunds()
    const [mail] = await mailed()
    expect(mail?.text).toContain('Refunding it did not succeed at once. The organizer knows')
    const by = { actor: 'test', requestId: null }
    const report = { status: 'completed' } as const
    await settleRefund(lifecycle, refundIds[0] ?? '', { providerReference: null, report }, by)
    expect((await mailed()).map(({ subject }) => subject)).toEqual([
      `20.60 EUR refunded: A Film (${booking.reference})`,
    ])
  })
})

describe('the money', () => {
  test('of a cancellation is what this one sends back, after a partial refund', async () => {
    const booking = await confirmed()
    await refund(booking, 1000)
    await sendRefunds()
    await mailed()
    await cancel(booking, 'buyer')
    const [mail] = await mailed()
    expect(mail?.text).toContain('You paid 20.60 EUR, of which 10.00 EUR was refunded before.')
    expect(mail?.text).toContain('Of the rest, 10.00 EUR is refunded')
    expect(mail?.text).toContain('The booking fee of 0.60 EUR is not refunded.')
  })

  test('that was not what was asked for goes back, and the booking is told to be unpaid', async () => {
    const booking = await book()
    const { paymentId } = await startPaying(lifecycle, booking)
    const captured = { amount: booking.total - 1, currency: 'EUR' }
    await lifecycle.receive(lifecycle.provider.report(paymentId, { status: 'completed', captured }))
    await sendRefunds()
    const [mail, ...more] = await mailed()
    expect(more).toEqual([])
    expect(mail?.subject).toBe(`20.59 EUR refunded: A Film (${booking.reference})`)
    expect(mail?.text).toMatch(
      /is not paid yet\. It has tickets once .* held for you until \w+day, \d+ \w+ \d{4}, \d\d:\d\d /,
    )
    expect(mail?.text).not.toContain('valid')
  })

  test('that was paid by hand goes back by hand, and no mail claims anything else', async () => {
    const booking = await confirmedByHand()
    await refund(booking, 1000)
    await sendRefunds()
    const [partial] = await mailed()
    expect(partial?.subject).toBe(`10.00 EUR to be refunded: A Film (${booking.reference})`)
    await cancel(booking, 'organizer')
    const [rest] = await mailed()
    expect(rest?.text).toContain('Now the rest, 10.60 EUR, is refunded to you by the organizer, by hand')
    for (const { text = '' } of [partial ?? {}, rest ?? {}]) expect(text).not.toMatch(/payment method|your bank/)
  })

  test('of a discount names its promo code', async () => {
    const { code } = await givenPromoCode(db.database, { organizerId: house.organizerId })
    const request = seatsRequest(house.showtimeId, house.seats.slice(seat, (seat += 2)))
    const payload = { ...request.payload, customer: BUYER, promoCode: code }
    await givenPaid(lifecycle, await givenBooking(db, { ...request, payload }))
    const [mail] = await mailed()
    expect(mail?.text).toMatch(new RegExp(`Discount \\(${code}\\) -4\\.00 EUR`))
  })
})

test('a cancelled show is told as such, with its reason; a booking that was cancelled before is not', async () => {
  const at = await givenShowtime(db.database)
  const [early, late] = [await confirmed(at, ['A1', 'A2']), await confirmed(at, ['A3', 'A4'])]
  await cancel(early, 'organizer')
  await inTransaction(db.database, (tx) =>
    cancelResource(tx, {
      actor: 'organizer-1',
      requestId: null,
      kind: 'showtime',
      id: at.showtimeId,
      organizerId: at.organizerId,
      reason: 'The projector broke',
      keyed: null,
    }),
  )
  await cancelResources(lifecycle)
  const mails = await mailed()
  expect(mails).toHaveLength(2)
  const [single, show] = [early, late].map(({ reference }) => mails.find(({ subject }) => subject.includes(reference)))
  expect(single?.text).toContain('had to cancel your booking')
  expect(single?.text).not.toMatch(/has been cancelled|Reason:/)
  expect(show?.subject).toMatch(/^Cancelled: A Film on \w+day, /)
  expect(show?.text).toMatch(/A Film on \w+day, .* has been cancelled by its organizer, An Organizer/)
  expect(show?.text).toContain('Reason: “The projector broke”')
})

describe('whom buyers ask', () => {
  const setContact = ({ organizerId }: GivenShowtime, contactEmail: string | null) =>
    inTransaction(db.database, (tx) =>
      changeThing(
        tx,
        organizers,
        { actor: 'test', requestId: null },
        { id: organizerId, organizerId: null, changes: { contactEmail } },
      ),
    )

  test('is the organizer’s contact as it is when the mail is made: named in it, answered to, and on the tickets', async () => {
    const at = await givenShowtime(db.database)
    await setContact(at, 'kino@example.org')
    const booking = await book(at, ['A1', 'A2'])
    await givenPaid(lifecycle, booking)
    const [confirmation] = await mailed()
    expect(confirmation?.replyTo).toEqual(['kino@example.org'])
    expect(confirmation?.text).toContain('Questions? Answer this mail, or write to kino@example.org')
    const { pages } = await readPdf(confirmation?.attachments[0]?.content ?? Buffer.alloc(0))
    for (const { text } of pages) expect(text).toContain('Questions? Write to kino@example.org')

    await setContact(at, 'box.office@example.org')
    await cancel(booking, 'buyer')
    const [cancellation] = await mailed()
    expect(cancellation?.replyTo).toEqual(['box.office@example.org'])
    expect(cancellation?.text).toContain('or write to box.office@example.org')
  })

  test('is nobody where there is no contact, or none any more', async () => {
    const at = await givenShowtime(db.database)
    await setContact(at, 'kino@example.org')
    await setContact(at, null)
    await givenPaid(lifecycle, await book(at, ['A1', 'A2']))
    const [mail] = await mailed()
    expect(mail?.replyTo).toEqual([])
    expect(mail?.text).toContain('nobody reads replies to it.')
    expect(mail?.text).not.toContain('Questions?')
    const { pages } = await readPdf(mail?.attachments[0]?.content ?? Buffer.alloc(0))
    for (const { text } of pages) expect(text).not.toContain('Questions?')
  })

  test.each(['kino@example.org\r\nBcc: eve@example.org', 'kino@example.org, eve@example.org', 'Kino <k@example.org>'])(
    'is never %j, which no call takes and no mail believes',
    async (contact) => {
      const at = await givenShowtime(db.database)
      const refused = organizerOperations.update.body?.safeParse({ contactEmail: contact }).error?.issues ?? []
      expect(refused.map(({ path, message }) => [path, message])).toEqual([
        [['contactEmail'], 'Must be an e-mail address'],
      ])
      await db.database.pool.query('update organizers set contact_email = $2 where id = $1', [at.organizerId, contact])
      await givenPaid(lifecycle, await book(at, ['A1', 'A2']))
      const [mail] = await mailed()
      expect(mail?.replyTo).toEqual([])
      expect(mail?.text).toContain('nobody reads replies to it.')
      expect(smtp.taken.at(-1)).toMatchObject({
        to: [BUYER.email],
        raw: expect.not.stringMatching(/^(?:Bcc|Reply-To):/im),
      })
    },
  )
})

describe('a show that moves', () => {
  const moveTo = (at: GivenShowtime, startsAt: Date) =>
    inTransaction(db.database, (tx) =>
      updateShowtime(tx, {
        actor: 'test',
        requestId: null,
        organizerId: at.organizerId,
        showtimeId: at.showtimeId,
        startsAt,
      }),
    )
  const [first, second, third] = ['2040-11-27T20:00:00Z', '2040-11-28T20:00:00Z', '2040-11-29T20:00:00Z'].map(
    (time) => new Date(time),
  ) as [Date, Date, Date]
  const told = { first: 'Tuesday, 27 November 2040', second: 'Wednesday, 28 November 2040' }

  test('is told to whoever has a confirmed booking, once, with tickets that say the new time', async () => {
    const at = await givenShowtime(db.database, { startsAt: first })
    const booking = await confirmed(at, ['A1', 'A2'])
    await book(at, ['A3'])
    const gone = await confirmed(at, ['A4'])
    await cancel(gone, 'buyer')
    await mailed()
    await moveTo(at, second)
    const [mail, ...more] = await mailed()
    expect(more).toEqual([])
    expect(mail?.subject).toBe(`Moved: A Film (${booking.reference})`)
    expect(mail?.text).toContain(
      `A Film has moved from ${told.first}, 20:00 Lisbon time to ${told.second}, 20:00 Lisbon time.`,
    )
    const { pages } = await readPdf(mail?.attachments[0]?.content ?? Buffer.alloc(0))
    expect(pages).toHaveLength(2)
    for (const { text } of pages) expect(text).toContain(`${told.second}, 20:00`)
    expect(await mailed()).toEqual([])

    await moveTo(at, third)
    const [next] = await mailed()
    expect(next?.text).toContain(`from ${told.second}, 20:00 Lisbon time to Thursday, 29 November 2040`)
    expect((await mailsOf(db, booking.id)).map(({ kind, status }) => `${kind} ${status}`)).toEqual([
      'confirmation sent',
      'move sent',
      'move sent',
    ])
  })

  test('and moves again, or back, before anybody was told is told as it is then, or not at all', async () => {
    const at = await givenShowtime(db.database, { startsAt: first })
    const booking = await confirmed(at, ['A1', 'A2'])
    await moveTo(at, second)
    await tellOthers(lifecycle)
    await moveTo(at, third)
    const [mail, ...more] = await mailed()
    expect(more).toEqual([])
    expect(mail?.text).toContain(`from ${told.first}, 20:00 Lisbon time to Thursday, 29 November 2040`)
    await moveTo(at, first)
    const [next] = await mailed()
    expect(next?.text).toContain(`from Thursday, 29 November 2040, 20:00 Lisbon time to ${told.first}`)
    await moveTo(at, second)
    await moveTo(at, first)
    expect(await mailed()).toEqual([])
    expect((await mailsOf(db, booking.id)).at(-1)).toMatchObject({
      kind: 'move',
      status: 'failed',
      failure: 'The buyer already knows this time and place.',
    })
  })

  test('is told once by however many publish', async () => {
    const at = await givenShowtime(db.database, { startsAt: first })
    await confirmed(at, ['A1', 'A2'])
    await moveTo(at, second)
    await Promise.all(Array.from({ length: 4 }, () => tellOthers(lifecycle)))
    expect(await mailed()).toHaveLength(1)
  })

  test('to another place is told likewise; other changes are no news', async () => {
    const { eventId, organizerId, ticketTypeIds } = await givenEvent(db.database, { startsAt: first })
    const request = ticketsRequest(eventId, [{ ticketTypeId: ticketTypeIds[0] ?? '', quantity: 1 }])
    const booking = await givenBooking(db, { ...request, payload: { ...request.payload, customer: BUYER } })
    await givenPaid(lifecycle, booking)
    await mailed()
    const change = (what: { readonly venue?: string; readonly description?: string; readonly endsAt?: Date }) =>
      inTransaction(db.database, (tx) =>
        updateEvent(tx, { actor: 'test', requestId: null, organizerId, eventId, ...what }),
      )
    await change({ venue: 'Riverside Park' })
    const [mail] = await mailed()
    expect(mail?.text).toContain('An Event has moved from The Hall to Riverside Park.')
    expect(mail?.attachments).toHaveLength(1)
    await change({ description: 'With fireworks', endsAt: second })
    expect(await mailed()).toEqual([])
  })
})
