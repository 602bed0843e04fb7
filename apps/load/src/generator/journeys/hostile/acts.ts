import type { TicketSale } from '../../../catalogue/hall.ts'
import { parseObject, textIn } from '../../answers.ts'
import { type Journey, type JourneyContext, waitSeconds } from '../../journey-context.ts'
import type { HostileAct } from './act.ts'
import { GuestSessions } from './guest-sessions.ts'
import { neverRead } from './never-read.ts'
import { bearer, provoke, requestHostile } from './provoke.ts'

type Act<Name extends HostileAct['name']> = Extract<HostileAct, { name: Name }>

/** Returns what the arrivals of a hostile stream do. */
export function openHostile(act: HostileAct, context: JourneyContext): Journey {
  switch (act.name) {
    case 'stuff-batches':
      return stuffBatches(act, context)
    case 'book-and-cancel':
      return bookAndCancel(act, context)
    case 'be-refused':
      return beRefused(act, context)
    case 'never-read':
      return neverRead(act, context)
    case 'guess-codes':
      return guessCodes(act, context)
    case 'read-reports':
      return readReports(act, context)
  }
}

const oneTicket = ({ eventId, ticketTypeId }: TicketSale) =>
  ({ resource: { type: 'event', id: eventId }, tickets: [{ ticketTypeId, quantity: 1 }] }) as const

/** Asks for so many tickets at once that a batch of such requests is too heavy to decide. */
function stuffBatches(
  { token, eventId, ticketTypeIds, quantity }: Act<'stuff-batches'>,
  context: JourneyContext,
): Journey {
  const tickets = ticketTypeIds.map((ticketTypeId) => ({ ticketTypeId, quantity }))
  const wanted = { resource: { type: 'event', id: eventId }, tickets } as const
  return async (visit) => {
    // What is wanted is a long line, so nobody waits for an outcome.
    await requestHostile(context, visit, { token, wanted, waitS: 0 })
  }
}

/** Books a free ticket for a stranger and cancels it: two mails, and nothing that counts against a limit of holds. */
function bookAndCancel({ sale, sessions: each }: Act<'book-and-cancel'>, context: JourneyContext): Journey {
  const sessions = new GuestSessions(context, each)
  return async (visit) => {
    const token = await sessions.tokenOf(visit)
    if (token === null) return
    const wanted = oneTicket(sale)
    const seen = await requestHostile(context, visit, { token, wanted, waitS: waitSeconds(context) })
    if (seen === null || seen.reference === null) return
    const cancelled = await provoke(context, visit, {
      method: 'POST',
      path: `/v1/bookings/${seen.reference}/cancel`,
      headers: { ...bearer(token), 'idempotency-key': `${context.runId}-${visit.number}-cancel` },
    })
    if (cancelled?.status === 200) visit.tally.step('cancelled')
  }
}

/** Asks for what cannot be had: each refusal is decided, stored and told all the same. */
function beRefused({ showtimeId, seats, sessions: each }: Act<'be-refused'>, context: JourneyContext): Journey {
  const resource = { type: 'showtime', id: showtimeId } as const
  const sessions = new GuestSessions(context, each)
  let turn = 0
  return async (visit) => {
    const seat = seats[turn++ % seats.length] ?? ''
    const token = await sessions.tokenOf(visit)
    if (token === null) return
    await requestHostile(context, visit, { token, wanted: { resource, seats: [seat] }, waitS: waitSeconds(context) })
  }
}

/** Asks for quotes with one promo code after the other. Counts what the quotes say of them. */
function guessCodes({ sale, sessions: each }: Act<'guess-codes'>, context: JourneyContext): Journey {
  const sessions = new GuestSessions(context, each)
  return async (visit) => {
    const token = await sessions.tokenOf(visit)
    if (token === null) return
    const answer = await provoke(context, visit, {
      method: 'POST',
      path: '/v1/quotes',
      headers: bearer(token),
      body: JSON.stringify({ ...oneTicket(sale), promoCode: `FRIENDS${visit.number}` }),
    })
    if (answer?.status !== 200) return
    visit.tally.read(context.now() - visit.intendedMs)
    const code = textIn(parseObject(answer.body)?.['refusal'], 'code')
    visit.tally.step(`quoted: ${code ?? 'a price'}`)
  }
}

/** Reads an organizer's lists, one after the other. */
function readReports({ token, paths }: Act<'read-reports'>, context: JourneyContext): Journey {
  let turn = 0
  return async (visit) => {
    const path = paths[turn++ % paths.length] ?? ''
    const answer = await provoke(context, visit, { method: 'GET', path, headers: bearer(token) })
    if (answer?.status === 200) visit.tally.read(context.now() - visit.intendedMs)
  }
}
