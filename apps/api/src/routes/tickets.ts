import type { Response, Router } from 'express'
import * as tickets from '@boxoffice/contract/operations/tickets.ts'
import { findBooking, getBooking } from '@boxoffice/core/bookings/queries/find-booking.ts'
import type { Database } from '@boxoffice/core/db/connect.ts'
import type { BookingRow } from '@boxoffice/core/bookings/queries/booking-view.ts'
import { findTicket, readTickets, type TicketRow } from '@boxoffice/core/tickets/queries/read-tickets.ts'
import { requireRight } from '@boxoffice/core/bookings/booking-access.ts'
import { ticketDocument, tokenOf, tokensOf } from '@boxoffice/core/tickets/show-tickets.ts'
import type { TicketCodes } from '@boxoffice/core/tickets/ticket-codes.ts'
import { publicKeySet, type TicketKeys } from '@boxoffice/core/settings/ticket-keys.ts'
import type { TicketPrinter } from '@boxoffice/core/tickets/ticket-printer.ts'
import type { Caller } from '@boxoffice/core/access/tokens.ts'
import { clientNetworks } from '../admission/client-address.ts'
import type { PrintQueue } from '../admission/turns/print-queue.ts'
import { type RouteDependencies, Routes } from '../routing/routes.ts'
import { sendPrivateJson } from '../answers/send-json.ts'
import { isProblem, notFound, Problem } from '@boxoffice/core/use-case/problem.ts'

export interface TicketDependencies {
  /** For reads. */
  readonly database: Database
  readonly ticketKeys: TicketKeys
  readonly printer: Pick<TicketPrinter, 'print'>
  readonly printing: PrintQueue
  readonly codes: TicketCodes
}

/** The keys hardly ever change, and a retired one must go within the hour. */
const KEY_SET_CACHE = 'public, max-age=3600'

/** Tickets of confirmed bookings: as JSON, QR codes and PDF; and the public keys to verify them with, offline. */
export function ticketRoutes(
  deps: RouteDependencies,
  { database, ticketKeys, printer, printing, codes }: TicketDependencies,
): Router {
  const routes = new Routes(deps)
  const { pool } = database

  routes.on(tickets.list, async ({ caller, params, response }) => {
    const booking = await findOwn(caller, params.reference)
    const rows = await readTickets(pool, booking.id)
    const tokens = await tokensOf(ticketKeys, rows)
    const items = rows.map((ticket, index) => ticketView(ticket, tokens[index] ?? ''))
    sendPrivateJson(response, 200, { items })
  })

  routes.on(tickets.print, async ({ caller, params, request, response }) => {
    const booking = await findOwn(caller, params.reference)
    const pdf = await printing.pass(
      { booking, networks: clientNetworks(request) },
      () => !response.closed,
      async () => printer.print(await ticketDocument(pool, ticketKeys, booking)),
    )
    if (pdf === null) return
    sendFile(response, 'application/pdf', `tickets-${booking.reference}.pdf`, pdf)
  })

  routes.on(tickets.getQrSvg, async ({ caller, params, response }) => {
    const ticket = await findOwnTicket(caller, params.id)
    sendFile(response, 'image/svg+xml', `${ticket.id}.svg`, await codes.svg(tokenOf(ticketKeys, ticket)))
  })

  routes.on(tickets.getQrPng, async ({ caller, params, response }) => {
    const ticket = await findOwnTicket(caller, params.id)
    sendFile(response, 'image/png', `${ticket.id}.png`, await codes.png(tokenOf(ticketKeys, ticket)))
  })

  routes.on(tickets.getKeys, ({ response }) => {
    response.setHeader('Content-Type', 'application/jwk-set+json')
    response.setHeader('Cache-Control', KEY_SET_CACHE)
    response.end(JSON.stringify(publicKeySet(ticketKeys)))
  })

  async function findOwn(caller: Caller, reference: string): Promise<BookingRow> {
    const booking = await findBooking(pool, reference)
    if (booking === null) throw notFound('booking')
    requireRight(booking, caller, 'owner', 'staff')
    requireConfirmed(booking)
    return booking
  }

  async function findOwnTicket(caller: Caller, id: string): Promise<TicketRow> {
    const ticket = await findTicket(pool, id)
    if (ticket === null) throw notFound('ticket')
    const booking = await getBooking(pool, ticket.bookingId)
    try {
      requireRight(booking, caller, 'owner', 'staff')
    } catch (error) {
      // Not a word about the booking to whom there is no ticket.
      throw isProblem(error, 'not_found') ? notFound('ticket') : error
    }
    requireConfirmed(booking)
    return ticket
  }

  function ticketView(ticket: TicketRow, token: string) {
    const { id, status, seat, section, row, number, area, rate, rateName, ticketTypeId, name } = ticket
    const { checkedInAt, checkedInGate } = ticket
    const place =
      ticketTypeId === null
        ? { seat, section, row, number, area, rate, rateName, category: name }
        : { ticketType: { id: ticketTypeId, name } }
    const admission = checkedInAt === null ? null : { at: checkedInAt.toISOString(), gate: checkedInGate ?? '' }
    return { id, token, status, ...place, checkedIn: admission }
  }

  return routes.router
}

function requireConfirmed({ status }: BookingRow): void {
  if (status === 'confirmed' || status === 'completed') return
  const detail =
    status === 'pending'
      ? 'The tickets are there once the booking is confirmed.'
      : `The booking is ${status.replace('_', ' ')}: it has no valid tickets.`
  throw new Problem('not_confirmed', { detail, facts: { current: status } })
}

function sendFile(response: Response, type: string, name: string, content: Buffer | string): void {
  response.statusCode = 200
  response.setHeader('Content-Type', type)
  response.setHeader('Content-Disposition', `inline; filename="${name}"`)
  response.setHeader('Cache-Control', 'private, no-store')
  response.end(content)
}
