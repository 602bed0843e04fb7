import { afterEach, expect, test } from 'vitest'
import { listParked } from '@boxoffice/core/setbacks/queries/parked-view.ts'
import { publishOutgoingEvents } from '@boxoffice/core/outbox/publish-outgoing-events.ts'
import { retryParked } from '@boxoffice/core/setbacks/retry-parked.ts'
import { givenEvent } from '../support/catalogue.ts'
import { sharedDatabase } from '../support/database.ts'
import { ticketsRequest } from '../support/engine.ts'
import { givenBooking } from '../support/lifecycle.ts'
import { shared } from '../support/shared.ts'
import { makeDue, mailsOf, openMailProcess } from './mail-stage.ts'
import { openSmtpStandIn } from './smtp-stand-in.ts'

const db = sharedDatabase()
const smtp = shared(openSmtpStandIn, (opened) => opened.close())
const process = shared(
  () => openMailProcess(db, { settings: { SMTP_URL: smtp.url } }),
  (opened) => opened.close(),
)
afterEach(() => smtp.behave(null))

/** Creates a booking with a mail to be sent. */
async function givenMail() {
  const { eventId, ticketTypeIds } = await givenEvent(db.database, { ticketTypes: [{ capacity: 10, price: 0 }] })
  const request = ticketsRequest(eventId, [{ ticketTypeId: ticketTypeIds[0] ?? '', quantity: 1 }])
  const customer = { name: 'Ada Lovelace', email: 'ada@example.org' }
  const booking = await givenBooking(db, { ...request, payload: { ...request.payload, customer } })
  await publishOutgoingEvents(db.database)
  return booking
}

const parkedMails = async () => (await listParked(db.database.pool, 'mail', 10, null)).items

/** Makes every try that a mail has. */
async function tryOften(bookingId: string): Promise<void> {
  for (let attempt = 0; attempt < 9; attempt++) {
    await makeDue(db, bookingId)
    await process.sendDue()
  }
}

test('a mail that failed with every try is parked, and sent once it is retried', async () => {
  const booking = await givenMail()
  smtp.behave({ rcpt: '451 try later' })
  await tryOften(booking.id)
  const [parked, ...more] = await parkedMails()
  expect(more).toEqual([])
  expect(parked).toMatchObject({
    type: 'confirmation',
    reference: booking.reference,
    entityId: booking.id,
    failures: 8,
    error: 'The mail server answered 451 to RCPT TO',
  })
  expect(process.logged.filter(({ level }) => level === 'error')).toHaveLength(1)

  smtp.behave(null)
  await retryParked(db.database, { id: parked?.id ?? '', actor: 'admin:1', requestId: 'r', keyed: null })
  expect(await parkedMails()).toEqual([])
  await process.sendDue()
  expect((await mailsOf(db, booking.id)).map(({ status }) => status)).toEqual(['sent'])
  expect((await db.database.pool.query('select from setbacks')).rowCount).toBe(0)
})

test('a mail that fails again after it was retried is parked again', async () => {
  const booking = await givenMail()
  smtp.behave({ rcpt: '451 try later' })
  await tryOften(booking.id)
  const [parked] = await parkedMails()
  await retryParked(db.database, { id: parked?.id ?? '', actor: 'admin:1', requestId: 'r', keyed: null })
  await tryOften(booking.id)
  expect(await parkedMails()).toMatchObject([{ id: parked?.id, failures: 8, retryAt: null }])
  await db.database.pool.query('delete from setbacks')
})

test('a mail that is refused for good after it was retried leaves nothing to retry', async () => {
  const booking = await givenMail()
  smtp.behave({ rcpt: '451 try later' })
  await tryOften(booking.id)
  const [parked] = await parkedMails()
  await retryParked(db.database, { id: parked?.id ?? '', actor: 'admin:1', requestId: 'r', keyed: null })
  smtp.behave({ rcpt: '550 no such user' })
  await process.sendDue()
  expect((await mailsOf(db, booking.id)).map(({ status }) => status)).toEqual(['failed'])
  expect((await db.database.pool.query('select from setbacks')).rowCount).toBe(0)
})

test('a mail that takes its process down each time is parked, and keeps no other from being sent', async () => {
  const [bad, neighbour] = [await givenMail(), await givenMail()]
  await db.database.pool.query('update mails set attempts = 8 where booking_id = $1', [bad.id])
  await process.sendDue()
  expect(await parkedMails()).toMatchObject([
    { reference: bad.reference, error: 'No attempt to send it got a response.' },
  ])
  expect((await mailsOf(db, neighbour.id)).map(({ status }) => status)).toEqual(['sent'])
  await db.database.pool.query('delete from setbacks')
})

test('a mail that is refused for good is given up and not parked: its buyer mistyped the address', async () => {
  const booking = await givenMail()
  smtp.behave({ rcpt: '550 no such user' })
  await process.sendDue()
  expect((await mailsOf(db, booking.id)).map(({ status }) => status)).toEqual(['failed'])
  expect(await parkedMails()).toEqual([])
})
