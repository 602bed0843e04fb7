import { simpleParser } from 'mailparser'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { inTransaction, type Transaction } from '@boxoffice/core/db/transaction.ts'
import { updateShowtime } from '@boxoffice/core/catalogue/update-showtime.ts'
import { givenShowtime, type GivenShowtime } from '../support/catalogue.ts'
import { sharedDatabase } from '../support/database.ts'
import { seatsRequest } from '../support/engine.ts'
import {
  closeLifecycles,
  givenBooking,
  type GivenBooking,
  givenPaid,
  type Lifecycle,
  openLifecycle,
} from '../support/lifecycle.ts'
import { tellOthers } from '../support/tell-others.ts'
import { makeDue, mailsOf, type MailProcess, openMailProcess } from './mail-stage.ts'
import { openSmtpStandIn, type SmtpStandIn } from './smtp-stand-in.ts'

// A move has its time in the audit before it is committed. A booking between the two is later than the move by its
// time, and knows nothing of it.

const BUYER = { name: 'Ada Lovelace', email: 'ada@example.org' }
const FIRST = new Date('2040-11-27T20:00:00Z')
const SECOND = new Date('2040-11-28T20:00:00Z')
const THIRD = new Date('2040-11-29T20:00:00Z')
const [TUESDAY, WEDNESDAY, THURSDAY] = ['Tuesday, 27', 'Wednesday, 28', 'Thursday, 29'].map(
  (day) => `${day} November 2040, 20:00 Lisbon time`,
) as [string, string, string]

let lifecycle: Lifecycle
let smtp: SmtpStandIn
let process: MailProcess
let at: GivenShowtime
let booking: GivenBooking
const db = sharedDatabase()
beforeEach(async () => {
  lifecycle = openLifecycle(db)
  smtp = await openSmtpStandIn()
  process = openMailProcess(db, { settings: { SMTP_URL: smtp.url } })
  at = await givenShowtime(db.database, { startsAt: FIRST })
  const request = seatsRequest(at.showtimeId, ['A1', 'A2'])
  booking = await givenBooking(db, { ...request, payload: { ...request.payload, customer: BUYER } })
  await tellOthers(lifecycle)
})
afterEach(async () => {
  await process.close()
  await smtp.close()
  await closeLifecycles()
})

const move = (tx: Transaction, startsAt: Date) =>
  updateShowtime(tx, {
    actor: 'test',
    requestId: null,
    organizerId: at.organizerId,
    showtimeId: at.showtimeId,
    startsAt,
  })

const moveTo = (startsAt: Date) => inTransaction(db.database, (tx) => move(tx, startsAt))

/** Moves the showtime in a transaction that does everything but commit; the returned function commits it. */
async function beginMoveTo(startsAt: Date): Promise<() => Promise<void>> {
  const moved = Promise.withResolvers<undefined>()
  const commit = Promise.withResolvers<undefined>()
  const committed = inTransaction(db.database, async (tx) => {
    await move(tx, startsAt)
    moved.resolve(undefined)
    await commit.promise
  })
  await Promise.race([moved.promise, committed])
  return () => {
    commit.resolve(undefined)
    return committed
  }
}

/** Sends the mails that are due; returns their texts. */
async function sent(): Promise<string[]> {
  const before = smtp.taken.length
  await process.sendDue()
  const mails = await Promise.all(smtp.taken.slice(before).map(({ raw }) => simpleParser(raw)))
  return mails.map(({ text = '' }) => text.replaceAll(/\s+/g, ' '))
}

async function mailed(): Promise<string[]> {
  await tellOthers(lifecycle)
  return sent()
}

const confirmed = () => givenPaid(lifecycle, booking)
const says = (...texts: string[]) => expect.stringMatching(new RegExp(texts.join('.*')))
const hasMoved = (from: string, to: string) => says(`A Film has moved from ${from} to ${to}\\.`)
const kinds = async () => (await mailsOf(db, booking.id)).map(({ kind, status }) => `${kind} ${status}`)

describe('a move that is committed late is told to whoever was told of the time before', () => {
  test('by a confirmation of meanwhile', async () => {
    const commit = await beginMoveTo(SECOND)
    await confirmed()
    expect(await mailed()).toEqual([says(TUESDAY)])
    await commit()
    expect(await mailed()).toEqual([hasMoved(TUESDAY, WEDNESDAY)])
    expect(await kinds()).toEqual(['confirmation sent', 'move sent'])
  })

  test('by a confirmation that is still under way, as far as anybody knows', async () => {
    const commit = await beginMoveTo(SECOND)
    await confirmed()
    smtp.behave({ diesAfterData: true })
    expect(await mailed()).toEqual([says(TUESDAY)])
    smtp.behave(null)
    await commit()
    expect(await mailed()).toEqual([hasMoved(TUESDAY, WEDNESDAY)])
    await makeDue(db, booking.id)
    expect(await sent()).toEqual([says(WEDNESDAY)])
  })

  test.each([
    ['on', THIRD, THURSDAY],
    ['back', FIRST, TUESDAY],
  ])('by a mail of meanwhile about a move before, also where it goes %s', async (_, to, day) => {
    await confirmed()
    expect(await mailed()).toHaveLength(1)
    await moveTo(SECOND)
    const commit = await beginMoveTo(to)
    expect(await mailed()).toEqual([hasMoved(TUESDAY, WEDNESDAY)])
    await commit()
    expect(await mailed()).toEqual([hasMoved(WEDNESDAY, day)])
  })

  test('by a confirmation of meanwhile that told of a move shortly before, also where it goes back', async () => {
    await moveTo(SECOND)
    const commit = await beginMoveTo(FIRST)
    await confirmed()
    expect(await mailed()).toEqual([says(WEDNESDAY)])
    await commit()
    expect(await mailed()).toEqual([hasMoved(WEDNESDAY, TUESDAY)])
  })
})

describe('nothing is told twice', () => {
  test('where the confirmation of meanwhile was made after the commit', async () => {
    const commit = await beginMoveTo(SECOND)
    await confirmed()
    await tellOthers(lifecycle)
    await commit()
    expect(await sent()).toEqual([says(WEDNESDAY)])
    expect(await mailed()).toEqual([])
    expect(await kinds()).toEqual(['confirmation sent', 'move failed'])
  })

  test('where a booking is confirmed between a move and its being made known', async () => {
    await moveTo(SECOND)
    await confirmed()
    await tellOthers(lifecycle)
    expect(await kinds()).toEqual(expect.arrayContaining(['confirmation pending', 'move pending']))
    expect(await sent()).toEqual([says(WEDNESDAY)])
    expect(await kinds()).toEqual(expect.arrayContaining(['confirmation sent', 'move failed']))
  })

  test('where one mail tells of a move that came after it was due', async () => {
    await confirmed()
    expect(await mailed()).toHaveLength(1)
    await moveTo(SECOND)
    await tellOthers(lifecycle)
    const commit = await beginMoveTo(THIRD)
    await commit()
    expect(await mailed()).toEqual([hasMoved(TUESDAY, THURSDAY)])
    expect(await mailed()).toEqual([])
  })

  test('where a booking is confirmed once the move is known', async () => {
    await moveTo(SECOND)
    await tellOthers(lifecycle)
    await confirmed()
    expect(await mailed()).toEqual([says(WEDNESDAY)])
    expect(await kinds()).toEqual(['confirmation sent'])
  })
})

test('a buyer who booked for the old time, but could not be sent the confirmation yet, gets a mail about the move', async () => {
  await confirmed()
  smtp.behave({ data: '451 later' })
  expect(await mailed()).toEqual([])
  smtp.behave(null)
  await moveTo(SECOND)
  expect(await mailed()).toEqual([hasMoved(TUESDAY, WEDNESDAY)])
  await makeDue(db, booking.id)
  expect(await sent()).toEqual([says(WEDNESDAY)])
})

test('a mail from before it was written down what mails tell has told of all before it was sent', async () => {
  await confirmed()
  expect(await mailed()).toHaveLength(1)
  await db.database.pool.query('update mails set told = null where booking_id = $1', [booking.id])
  await moveTo(SECOND)
  expect(await mailed()).toEqual([hasMoved(TUESDAY, WEDNESDAY)])
  await db.database.pool.query('update mails set told = null where booking_id = $1', [booking.id])
  await moveTo(FIRST)
  expect(await mailed()).toEqual([hasMoved(WEDNESDAY, TUESDAY)])
})
