import { type ErrorRequestHandler, type Request, type RequestHandler, type Response, Router } from 'express'
import * as bookingRecoveries from '@boxoffice/contract/operations/booking-recoveries.ts'
import type { Database } from '@boxoffice/core/db/connect.ts'
import type { BookingRow } from '@boxoffice/core/bookings/queries/booking-view.ts'
import { findValidTicket, readTicketPage, type TicketRow } from '@boxoffice/core/tickets/queries/read-tickets.ts'
import type { Secrets } from '@boxoffice/core/settings/secrets.ts'
import type { RecoveryRequests } from '@boxoffice/core/bookings/recovery/recovery-requests.ts'
import { findRecovered } from '@boxoffice/core/bookings/recovery/redeem-recovery.ts'
import { verifyRecoveryToken } from '@boxoffice/core/access/recovery-token.ts'
import { MAX_PRINTED_TICKETS, ticketDocument, tokenOf } from '@boxoffice/core/tickets/show-tickets.ts'
import type { TicketCodes } from '@boxoffice/core/tickets/ticket-codes.ts'
import type { TicketPrinter } from '@boxoffice/core/tickets/ticket-printer.ts'
import type { Admission } from '../admission/admission.ts'
import { clientNetworks } from '../admission/client-address.ts'
import { readFormOrJsonBody } from '../bodies/form-body.ts'
import type { PrintQueue } from '../admission/turns/print-queue.ts'
import {
  askedPage,
  bookingPage,
  busyPage,
  formPage,
  invalidLinkPage,
  type ShownTicket,
  type TicketPage,
} from './page.ts'
import { RECOVERY_STYLE_SOURCE } from './style.ts'
import { isProblem } from '@boxoffice/core/use-case/problem.ts'
import { setRetryAfter } from '../problems/problem.ts'

export interface RecoveryPageDependencies {
  readonly admission: Admission
  readonly recoveries: RecoveryRequests
  /** For reads. */
  readonly database: Database
  readonly secrets: Pick<Secrets, 'guestSecret' | 'ticketKeys'>
  readonly printer: Pick<TicketPrinter, 'print'>
  readonly printing: PrintQueue
  readonly codes: TicketCodes
}

const PATH = '/recover'
const PDF_PATH = '/recover/tickets.pdf'
const CODE_PATH = '/recover/codes/:name'
/** Asking for links and printing: of an address, together with asking over the API. */
const LIMITED = { limit: bookingRecoveries.request.limit, path: PATH } as const
/** Showing, which takes nobody long: page after page of a large booking, and a picture for each ticket. */
const SHOWN = { limit: 'read', path: PATH } as const

const TICKETS_PER_PAGE = 50
const CODE_NAME = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.svg$/
/**
 * Caching of codes: in the browser alone, so that going from page to page draws nothing again; a code that became void
 * disappears soon.
 */
const CODE_CACHE = 'private, max-age=300'

const POLICY = [
  "default-src 'none'",
  `style-src ${RECOVERY_STYLE_SOURCE}`,
  "img-src 'self' data:",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

/**
 * Serves the page that mailed links lead to, for shops without one of their own: the booking with its tickets, and a
 * form to request a link. The token in the address is the permission to see it.
 */
export function recoveryPages(deps: RecoveryPageDependencies): Router {
  const { admission, recoveries, database, secrets, printer, printing, codes } = deps
  // Strict, so that the page's relative addresses lead where they should.
  const router = Router({ strict: true })
  const { pool } = database
  const { guestSecret, ticketKeys } = secrets

  const admit: RequestHandler = async (request, response, next) => {
    await admission.admitAnyone(request, response, LIMITED)
    next()
  }

  const find = (request: Request) => {
    const { token } = request.query
    return typeof token === 'string' ? findRecovered(pool, token, guestSecret) : Promise.resolve(null)
  }

  router.get(PATH, async (request, response) => {
    if (request.query['token'] === undefined) {
      sendPage(response, 200, formPage(null, { reference: '', email: '' }))
      return
    }
    await admission.admitAnyone(request, response, SHOWN)
    const booking = await find(request)
    if (booking === null) {
      sendPage(response, 403, invalidLinkPage())
      return
    }
    sendPage(response, 200, bookingPage(booking, await ticketPage(request, booking)))
  })

  // A picture for each ticket, so that a booking of a thousand is not drawn in one go.
  router.get(CODE_PATH, async (request, response) => {
    await admission.admitAnyone(request, response, SHOWN)
    const { token } = request.query
    const [, ticketId = ''] = CODE_NAME.exec(String(request.params['name'])) ?? []
    const bookingId = typeof token === 'string' ? await verifyRecoveryToken(token, guestSecret) : null
    const ticket = bookingId === null || ticketId === '' ? null : await findValidTicket(pool, bookingId, ticketId)
    if (ticket === null) {
      sendPage(response, 403, invalidLinkPage())
      return
    }
    const code = await codes.svg(tokenOf(ticketKeys, ticket))
    response.statusCode = 200
    response.setHeader('Content-Type', 'image/svg+xml')
    response.setHeader('Cache-Control', CODE_CACHE)
    response.setHeader('Referrer-Policy', 'no-referrer')
    response.end(code)
  })

  router.get(PDF_PATH, admit, async (request, response) => {
    const booking = await find(request)
    if (booking === null || !hasTickets(booking)) {
      sendPage(response, 403, invalidLinkPage())
      return
    }
    const pdf = await printing.pass(
      { booking, networks: clientNetworks(request) },
      () => !response.closed,
      async () => printer.print(await ticketDocument(pool, ticketKeys, booking)),
    )
    if (pdf === null) return
    response.statusCode = 200
    response.setHeader('Content-Type', 'application/pdf')
    response.setHeader('Content-Disposition', `inline; filename="tickets-${booking.reference}.pdf"`)
    response.setHeader('Cache-Control', 'private, no-store')
    response.setHeader('Referrer-Policy', 'no-referrer')
    response.end(pdf)
  })

  router.post(PATH, admit, readFormOrJsonBody, (request, response) => {
    const typed = typedIn(request.body)
    const asked = bookingRecoveries.request.body?.safeParse(typed)
    if (asked?.success !== true) {
      const text = 'Check the reference (eight letters and digits) and the e-mail address.'
      sendPage(response, 400, formPage({ text, isAlert: true }, shortened(typed)))
      return
    }
    // Nothing was looked up before this answer: it tells nothing, and takes no longer for those who have booked.
    sendPage(response, 202, askedPage())
    recoveries.take(asked.data)
  })

  router.use(PATH, tellPeople)

  async function ticketPage(request: Request, booking: BookingRow): Promise<TicketPage | null> {
    if (!hasTickets(booking)) return null
    const asked = Number(request.query['page'])
    const page = Number.isSafeInteger(asked) && asked >= 1 && asked < 1_000_000 ? asked : 1
    const offset = (page - 1) * TICKETS_PER_PAGE
    const { tickets, total } = await readTicketPage(pool, booking.id, { limit: TICKETS_PER_PAGE, offset })
    const { token } = request.query
    const url = (path: string, more: Readonly<Record<string, string>> = {}) => linkTo(path, token, more)
    return {
      tickets: tickets.map((ticket) => shownTicket(ticket, url(`recover/codes/${ticket.id}.svg`))),
      first: offset + 1,
      total,
      pdfUrl: total > MAX_PRINTED_TICKETS ? null : url('recover/tickets.pdf'),
      previousUrl: page > 1 ? url('recover', { page: String(page - 1) }) : null,
      nextUrl: offset + tickets.length < total ? url('recover', { page: String(page + 1) }) : null,
    }
  }

  return router
}

/** Turns a 429 into a page: whoever is here is a person with a browser. Express knows an error handler by its four parameters. */
const tellPeople: ErrorRequestHandler = (error: unknown, _request, response: Response, next) => {
  if (!isProblem(error, 'too_many_requests') || response.headersSent) {
    next(error)
    return
  }
  setRetryAfter(response, error)
  sendPage(response, 429, busyPage())
}

const hasTickets = ({ status }: BookingRow) => status === 'confirmed' || status === 'completed'

function shownTicket({ seat, name, status }: TicketRow, codeUrl: string): ShownTicket {
  return { place: seat === null ? name : `Seat ${seat}, ${name}`, status, codeUrl }
}

/** Returns a relative link, which leads back to the address that the browser knows, whatever stands in between. */
function linkTo(path: string, token: unknown, more: Readonly<Record<string, string>>): string {
  return `${path}?${new URLSearchParams({ token: typeof token === 'string' ? token : '', ...more }).toString()}`
}

/** Returns what was typed, for the schema or to be shown again. */
function typedIn(body: unknown): { readonly reference: string; readonly email: string } {
  const fields: Readonly<Record<string, unknown>> = typeof body === 'object' && body !== null ? { ...body } : {}
  const text = (value: unknown) => (typeof value === 'string' ? value : '')
  return { reference: text(fields['reference']), email: text(fields['email']) }
}

/** Returns no more than the form takes. */
const shortened = ({ reference, email }: ReturnType<typeof typedIn>) => ({
  reference: reference.slice(0, 254),
  email: email.slice(0, 254),
})

function sendPage(response: Response, status: number, page: string): void {
  response.statusCode = status
  response.setHeader('Content-Type', 'text/html; charset=utf-8')
  response.setHeader('Cache-Control', 'no-store')
  response.setHeader('Content-Security-Policy', POLICY)
  // The address is what entitles: it is told to nobody.
  response.setHeader('Referrer-Policy', 'no-referrer')
  response.end(page)
}
