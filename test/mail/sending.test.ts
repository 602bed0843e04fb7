import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { simpleParser } from 'mailparser'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { insertRecoveryMail, lockBookingToRecover } from '@boxoffice/core/bookings/queries/insert-recovery-mail.ts'
import { CLEAN_UPS } from '@boxoffice/core/maintenance/queries/clean-up.ts'
import { inTransaction } from '@boxoffice/core/db/transaction.ts'
import { cancelBooking } from '@boxoffice/core/bookings/cancel-booking.ts'
import { newId } from '@boxoffice/core/runtime/new-id.ts'
import { publishOutgoingEvents } from '@boxoffice/core/outbox/publish-outgoing-events.ts'
import { ThreadClosedError } from '@boxoffice/core/runtime/thread.ts'
import { givenEvent, givenShowtime } from '../support/catalogue.ts'
import { sharedDatabase } from '../support/database.ts'
import { seatsRequest, ticketsRequest } from '../support/engine.ts'
import { eventually } from '../support/eventually.ts'
import { shared } from '../support/shared.ts'
import { buyerOf, givenBooking, type GivenBooking, givenPaid, sharedLifecycle } from '../support/lifecycle.ts'
import { makeTemporaryDirectory } from '../support/temporary-directory.ts'
import { readPdf } from '../tickets/read-pdf.ts'
import {
  mailsOf,
  MAIL_FROM,
  makeDue,
  type MailProcess,
  type MailProcessOptions,
  openMailProcess,
} from './mail-stage.ts'
import { openSmtpStandIn, type SmtpStandIn } from './smtp-stand-in.ts'

const BUYER = { name: 'Ada "the" Lovelace, Ünï', email: 'Ada.Lovelace@example.org' }

let smtp: SmtpStandIn
let processes: MailProcess[] = []
let seat = 0
const db = sharedDatabase()
const lifecycle = sharedLifecycle(db)
const house = shared(() => givenShowtime(db.database, { rows: 10, seatsPerRow: 20 }))
beforeEach(async () => {
  smtp = await openSmtpStandIn()
  // Mails that earlier tests left waiting are not this test's.
  await publishOutgoingEvents(lifecycle.database)
  await db.database.pool.query(`update mails set status = 'failed', next_attempt_at = null where status = 'pending'`)
})
afterEach(async () => {
  await smtp.close()
  await Promise.all(processes.map((process) => process.close()))
  processes = []
})

function open(options: MailProcessOptions = {}): MailProcess {
  const process = openMailProcess(db, { settings: { SMTP_URL: smtp.url }, ...options })
  processes.push(process)
  return process
}

async function book(count = 2): Promise<GivenBooking> {
  const seats = house.seats.slice(seat, (seat += count))
  const request = seatsRequest(house.showtimeId, seats)
  return givenBooking(db, { ...request, payload: { ...request.payload, customer: BUYER } })
}

/** Creates a confirmed booking whose mail is due. */
async function confirmed(count = 2): Promise<GivenBooking> {
  const booking = await book(count)
  await givenPaid(lifecycle, booking)
  await publishOutgoingEvents(lifecycle.database)
  return booking
}

const cancel = (booking: GivenBooking) =>
  cancelBooking(lifecycle, {
    reference: booking.reference,
    caller: buyerOf(booking),
    requestId: 'test',
    reason: undefined,
    refund: undefined,
    keyed: null,
  })

describe('what is mailed', () => {
  test('a confirmation goes to the buyer, with the tickets as a PDF', async () => {
    const booking = await confirmed(3)
    await open().sendDue()
    expect(smtp.taken).toHaveLength(1)
    const [taken] = smtp.taken
    expect(taken?.to).toEqual([BUYER.email])
    const mail = await simpleParser(taken?.raw ?? '')
    expect(mail.from?.text).toBe('"Farol" <tickets@farol.example>')
    expect(mail.to).toMatchObject({ value: [{ name: BUYER.name, address: BUYER.email }] })
    expect(mail.subject).toBe(`Your tickets for A Film (${booking.reference})`)
    expect(mail.text?.replaceAll('\n', ' ')).toContain('Your 3 tickets are attached')
    expect(mail.html).toContain(booking.reference)
    const [stored] = await mailsOf(db, booking.id)
    expect(mail.messageId).toBe(`<${stored?.id ?? ''}@farol.example>`)
    expect(stored).toMatchObject({ kind: 'confirmation', status: 'sent', attempts: 1, waitsS: null })

    expect(mail.attachments).toHaveLength(1)
    const [tickets] = mail.attachments
    expect(tickets).toMatchObject({ contentType: 'application/pdf', filename: `tickets-${booking.reference}.pdf` })
    const { pages } = await readPdf(tickets?.content ?? Buffer.alloc(0))
    expect(pages).toHaveLength(3)
    for (const { text, codes } of pages) {
      expect(text).toContain(booking.reference)
      expect(codes).toHaveLength(1)
    }
  })

  test('a confirmation of more tickets than one mail takes has the way to them instead, and prints nothing', async () => {
    const { eventId, ticketTypeIds } = await givenEvent(db.database, {
      ticketTypes: [{ name: 'Balcony', capacity: 500, maxPerBooking: 500 }],
    })
    const request = ticketsRequest(eventId, [{ ticketTypeId: ticketTypeIds[0] ?? '', quantity: 201 }])
    const booking = await givenBooking(db, { ...request, payload: { ...request.payload, customer: BUYER } })
    await givenPaid(lifecycle, booking)
    await publishOutgoingEvents(lifecycle.database)
    const print = () => Promise.reject(new Error('nothing is to be printed'))
    await open({ printer: { print } }).sendDue()
    const mail = await simpleParser(smtp.taken[0]?.raw ?? '')
    expect(mail.attachments).toEqual([])
    expect(mail.text?.replaceAll('\n', ' ')).toContain(
      `Your 201 tickets are ready at https://tickets.example/recover: ask there for a link with the reference ${booking.reference}`,
    )
    expect((await mailsOf(db, booking.id))[0]).toMatchObject({ status: 'sent', attempts: 1 })
  })

  test('a confirmation whose tickets cannot be printed is tried again, and then goes without them', async () => {
    const booking = await confirmed(2)
    const unable = open({ printer: { print: () => Promise.reject(new Error('out of memory')) } })
    // The control: until then a mail that cannot be printed is a mail that fails.
    for (const attempts of [1, 2]) {
      await unable.sendDue()
      expect((await mailsOf(db, booking.id))[0]).toMatchObject({ status: 'pending', attempts })
      await makeDue(db, booking.id)
    }
    expect(smtp.taken).toEqual([])
    await unable.sendDue()
    expect((await mailsOf(db, booking.id))[0]).toMatchObject({ status: 'sent', attempts: 3 })
    const mail = await simpleParser(smtp.taken[0]?.raw ?? '')
    expect(mail.attachments).toEqual([])
    expect(mail.text?.replaceAll('\n', ' ')).toContain('Your 2 tickets are ready at https://tickets.example/recover')
    expect(unable.logged.filter(({ level }) => level === 'error')).toHaveLength(1)
  })

  test('a confirmation whose printer is closed is left to another process, however often it was tried', async () => {
    const booking = await confirmed(1)
    await db.database.pool.query('update mails set attempts = 5 where booking_id = $1', [booking.id])
    const closed = open({ printer: { print: () => Promise.reject(new ThreadClosedError('closed')) } })
    await closed.sendDue()
    expect((await mailsOf(db, booking.id))[0]).toMatchObject({ status: 'pending', attempts: 6 })
    expect(smtp.taken).toEqual([])
  })

  test('a hold that its buyer gave up is mailed to nobody', async () => {
    const booking = await book()
    await cancel(booking)
    await publishOutgoingEvents(lifecycle.database)
    expect(await mailsOf(db, booking.id)).toEqual([])
  })

  test('a confirmation that comes after the booking was cancelled is not sent', async () => {
    const booking = await confirmed()
    await cancel(booking)
    await open().sendDue()
    expect(smtp.taken).toEqual([])
    const [stored] = await mailsOf(db, booking.id)
    expect(stored).toMatchObject({ status: 'failed', failure: 'The booking is cancelled by now.', attempts: 1 })
  })

  test.each(['', 'erased', 'a@b@c', 'ada@example.org, eve@example.org', 'ada@example.org\r\nBcc: eve@example.org'])(
    'a booking with the address %j is written to by nobody',
    async (address) => {
      const booking = await confirmed()
      await db.database.pool.query('update bookings set customer_email = $2 where id = $1', [booking.id, address])
      const { sendDue, logged } = open()
      await sendDue()
      expect(smtp.taken).toEqual([])
      const [stored] = await mailsOf(db, booking.id)
      expect(stored).toMatchObject({ status: 'failed', failure: 'The booking has no mail address.' })
      expect(logged.map(({ level }) => level)).toEqual(['info'])
    },
  )
})

describe('a mail server', () => {
  test('that refuses for now is asked again, after longer and longer pauses', async () => {
    const booking = await confirmed()
    const { sendDue, logged } = open()
    smtp.behave({ rcpt: '451 try later, Ada.Lovelace@example.org' })
    const waits: number[] = []
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      await makeDue(db, booking.id)
      await sendDue()
      const [stored] = await mailsOf(db, booking.id)
      expect(stored).toMatchObject({ status: 'pending', attempts: attempt })
      expect(stored?.failure).toBe('The mail server answered 451 to RCPT TO')
      waits.push(stored?.waitsS ?? 0)
    }
    expect(waits.map((wait) => Math.floor(wait / 60))).toEqual([expect.any(Number), 5, expect.any(Number)])
    expect(waits[0]).toBeGreaterThan(50)
    expect(waits[0]).toBeLessThan(67)
    expect(waits[2]).toBeGreaterThan(14 * 60)

    // It is not due yet.
    await sendDue()
    expect(smtp.taken).toEqual([])
    smtp.behave(null)
    await makeDue(db, booking.id)
    await sendDue()
    expect(smtp.taken).toHaveLength(1)
    expect((await mailsOf(db, booking.id))[0]).toMatchObject({ status: 'sent', attempts: 4, failure: null })
    expect(logged.map(({ level }) => level)).toEqual(['warn', 'warn', 'warn'])
    expect(JSON.stringify(logged)).not.toContain('ovelace')
  })

  test('that never takes it is given up after eight tries, loudly, naming nobody', async () => {
    const booking = await confirmed()
    const { sendDue, logged } = open()
    smtp.behave({ data: '452 full' })
    for (let attempt = 1; attempt <= 8; attempt += 1) {
      await makeDue(db, booking.id)
      await sendDue()
    }
    expect((await mailsOf(db, booking.id))[0]).toMatchObject({ status: 'failed', attempts: 8, waitsS: null })
    expect(logged.map(({ level }) => level)).toEqual([...Array.from({ length: 7 }, () => 'warn'), 'error'])
    expect(JSON.stringify(logged)).not.toMatch(/example\.org|Lovelace/)
  })

  test.each([{ rcpt: '550 no such user here: Ada.Lovelace@example.org' }, { data: '554 we do not like this' }])(
    'that refuses for good (%o) is not asked again',
    async (behaviour) => {
      const booking = await confirmed()
      const { sendDue, logged } = open()
      smtp.behave(behaviour)
      await sendDue()
      expect((await mailsOf(db, booking.id))[0]).toMatchObject({ status: 'failed', attempts: 1 })
      expect(logged.map(({ level }) => level)).toEqual(['error'])
      expect(JSON.stringify(logged)).not.toContain('ovelace')
    },
  )

  test.each(['connect', 'DATA'] as const)('that hangs at %s costs one try', async (hangsAt) => {
    const booking = await confirmed()
    const { sendDue } = open({ answerMs: 300 })
    smtp.behave({ hangsAt })
    await sendDue()
    const [stored] = await mailsOf(db, booking.id)
    expect(stored).toMatchObject({ status: 'pending', attempts: 1 })
    expect(stored?.failure).toMatch(/^The mail server cannot be reached: E/)
  })

  test('that is not there costs one try', async () => {
    const booking = await confirmed()
    await smtp.close()
    const { sendDue } = open()
    await sendDue()
    expect((await mailsOf(db, booking.id))[0]).toMatchObject({ status: 'pending', attempts: 1 })
    smtp = await openSmtpStandIn()
  })

  test('that dies before it answers is sent the same mail again', async () => {
    const booking = await confirmed()
    const { sendDue } = open()
    smtp.behave({ diesAfterData: true })
    await sendDue()
    expect((await mailsOf(db, booking.id))[0]).toMatchObject({ status: 'pending', attempts: 1 })
    smtp.behave(null)
    await makeDue(db, booking.id)
    await sendDue()
    const ids = await Promise.all(smtp.taken.map(async ({ raw }) => (await simpleParser(raw)).messageId))
    expect(ids).toHaveLength(2)
    expect(new Set(ids).size).toBe(1)
  })

  test('that holds one mail keeps no other waiting, nor whoever looks', async () => {
    const slow = await confirmed()
    const released = Promise.withResolvers<void>()
    const held = Promise.withResolvers<void>()
    const process = open({
      wrap: (transport) => ({
        send: async (mail) => {
          if (mail.name.endsWith(slow.reference)) {
            held.resolve()
            await released.promise
          }
          await transport.send(mail)
        },
        close: () => transport.close(),
      }),
    })
    await process.sender.look()
    await held.promise
    const quick = await confirmed()
    await process.sender.look()
    await eventually(async () => {
      expect((await mailsOf(db, quick.id))[0]?.status).toBe('sent')
    })
    expect((await mailsOf(db, slow.id))[0]?.status).toBe('pending')
    released.resolve()
    await process.sender.settled()
    expect((await mailsOf(db, slow.id))[0]?.status).toBe('sent')
  })
})

describe('a process that stops', () => {
  test('leaves to others what it breaks off: it is no failure of the mail', async () => {
    const booking = await confirmed()
    await publishOutgoingEvents(lifecycle.database)
    const held = Promise.withResolvers<void>()
    const broken = Promise.withResolvers<void>()
    const stopping = open({
      leaseMs: 200,
      wrap: (transport) => ({
        send: async () => {
          held.resolve()
          await broken.promise
          throw new Error('The printer is closed.')
        },
        close: () => transport.close(),
      }),
    })
    await stopping.sender.look()
    await held.promise
    await stopping.sender.stop(0)
    broken.resolve()
    await stopping.sender.settled()
    expect((await mailsOf(db, booking.id))[0]).toMatchObject({ status: 'pending', failure: null })
    expect((await mailsOf(db, booking.id))[0]?.waitsS).toBeLessThan(1)
    await makeDue(db, booking.id)
    await open().sendDue()
    expect((await mailsOf(db, booking.id))[0]).toMatchObject({ status: 'sent' })
  })
})

describe('several processes', () => {
  test('send each mail once between them', async () => {
    const bookings = await Promise.all(Array.from({ length: 12 }, () => confirmed(1)))
    await publishOutgoingEvents(lifecycle.database)
    const senders = [open(), open(), open()]
    await Promise.all(senders.map(({ sendDue }) => sendDue()))
    expect(smtp.taken).toHaveLength(bookings.length)
    const subjects = await Promise.all(smtp.taken.map(async ({ raw }) => (await simpleParser(raw)).subject ?? ''))
    expect(new Set(subjects).size).toBe(bookings.length)
  })

  test('make up for one that died between sending and saying so; the copy is known as one', async () => {
    const booking = await confirmed()
    const dying = open({ leaseMs: 200 })
    // It dies once the server has the mail, so its record of that never arrives.
    const pool: { query: unknown } = dying.database.pool
    const query = dying.database.pool.query.bind(dying.database.pool) as (statement: { name?: string }) => unknown
    pool.query = (statement: { name?: string }) =>
      statement.name === 'mark-mail-sent' ? Promise.reject(new Error('the process has died')) : query(statement)
    await dying.sender.look()
    await dying.sender.settled()
    pool.query = query
    expect((await mailsOf(db, booking.id))[0]).toMatchObject({ status: 'pending', attempts: 1 })

    const other = open()
    await eventually(async () => {
      await other.sendDue()
      expect((await mailsOf(db, booking.id))[0]).toMatchObject({ status: 'sent', attempts: 2 })
    })
    const ids = await Promise.all(smtp.taken.map(async ({ raw }) => (await simpleParser(raw)).messageId))
    expect(ids).toHaveLength(2)
    expect(new Set(ids).size).toBe(1)
  })
})

describe('without a mail server', () => {
  test('mail becomes files, whole and for their owner alone, and the same ones if it is sent again', async () => {
    const directory = await makeTemporaryDirectory()
    try {
      const booking = await confirmed()
      const { sendDue } = open({ settings: { DATA_DIR: directory.path } })
      await sendDue()
      const mails = join(directory.path, 'mail')
      const names = await readdir(mails)
      expect(names.map((name) => name.slice(name.lastIndexOf('.'))).sort()).toEqual(['.eml', '.html'])
      const eml = names.find((name) => name.endsWith('.eml')) ?? ''
      expect(eml).toContain(`confirmation-${booking.reference}`)
      const raw = await readFile(join(mails, eml))
      expect(raw.toString('latin1')).not.toMatch(/[^\r]\n/)
      const mail = await simpleParser(raw)
      expect(mail.from?.text).toBe(MAIL_FROM.replace('Farol', '"Farol"'))
      expect(mail.to).toMatchObject({ value: [{ address: BUYER.email }] })
      expect((await readPdf(mail.attachments[0]?.content ?? Buffer.alloc(0))).pages).toHaveLength(2)
      expect(await readFile(join(mails, eml.replace('.eml', '.html')), 'utf8')).toContain(booking.reference)
      for (const name of names) expect((await stat(join(mails, name))).mode & 0o777).toBe(0o600)

      await db.database.pool.query(
        `update mails set status = 'pending', sent_at = null, next_attempt_at = now() where booking_id = $1`,
        [booking.id],
      )
      await sendDue()
      expect(await readdir(mails)).toEqual(names)
    } finally {
      await directory.remove()
    }
  })
})

test('a link that was asked for is mailed with a token, and anew each time', async () => {
  const booking = await confirmed()
  const { sendDue } = open()
  await sendDue()
  for (let round = 0; round < 2; round += 1) {
    await inTransaction(db.database, async (tx) => {
      const found = await lockBookingToRecover(tx, booking.reference, ` ${BUYER.email.toUpperCase()} `)
      if (found === null) throw new Error('not found')
      expect(found.id).toBe(booking.id)
      await insertRecoveryMail(tx, newId(), found, { notWithinMs: 0, perDay: 5, perRecipientADay: null })
    })
  }
  await sendDue()
  const links = await Promise.all(
    smtp.taken.slice(1).map(async ({ raw }) => {
      const { text = '', html } = await simpleParser(raw)
      const link = /https:\/\/tickets\.example\/recover\?token=[\w.-]+/.exec(text)?.[0] ?? 'none'
      expect(html).toContain(link)
      return link
    }),
  )
  expect(links).toHaveLength(2)
})

test('a mail that was sent or given up is forgotten after 30 days, and not before', async () => {
  const [old, recent, failed] = [await confirmed(1), await confirmed(1), await confirmed(1)]
  await open().sendDue()
  const age = (id: string, days: number) =>
    db.database.pool.query(`update mails set created_at = now() - make_interval(days => $2) where booking_id = $1`, [
      id,
      days,
    ])
  await age(old.id, 31)
  await age(recent.id, 29)
  await age(failed.id, 31)
  await db.database.pool.query(`update mails set status = 'failed', sent_at = null where booking_id = $1`, [failed.id])
  for (const { batch } of CLEAN_UPS) await batch(db.database.pool, 1_000)
  expect(await mailsOf(db, old.id)).toEqual([])
  expect(await mailsOf(db, failed.id)).toEqual([])
  expect(await mailsOf(db, recent.id)).toHaveLength(1)
})
