import { type Request, type RequestHandler, type Response, Router } from 'express'
import { requestBookingRecovery } from '@boxoffice/contract/operations/booking-recoveries.ts'
import type { Database } from '@boxoffice/core/db/connect.ts'
import type { BookingRow } from '@boxoffice/core/db/queries/booking-view.ts'
import { readTickets, type TicketRow } from '@boxoffice/core/db/queries/read-tickets.ts'
import { Markup } from '@boxoffice/core/html.ts'
import type { Secrets } from '@boxoffice/core/secrets.ts'
import type { RecoveryDesk } from '@boxoffice/core/services/recovery/recovery-desk.ts'
import { findRecovered } from '@boxoffice/core/services/recovery/redeem-recovery.ts'
import { ticketDocument, tokenOf } from '@boxoffice/core/services/tickets/show-tickets.ts'
import type { TicketPrinter } from '@boxoffice/core/tickets/ticket-printer.ts'
import { ticketQrSvg } from '@boxoffice/core/tickets/ticket-qr.ts'
import type { Admission } from '../http/admission.ts'
import { readFormOrJsonBody } from '../http/form-body.ts'
import { Turnstile } from '../http/turnstile.ts'
import { askedPage, bookingPage, formPage, invalidLinkPage, type ShownTicket } from './recovery-page.ts'
import { RECOVERY_STYLE_SOURCE } from './recovery-style.ts'

export interface RecoveryPageDependencies {
  readonly admission: Admission
  readonly desk: RecoveryDesk
  /** For reads. */
  readonly database: Database
  readonly secrets: Pick<Secrets, 'guestSecret' | 'ticketKeys'>
  readonly printer: Pick<TicketPrinter, 'print'>
}

const PATH = '/recover'
const PDF_PATH = '/recover/tickets.pdf'
/** Of an address, together with asking for links over the API. */
const LIMITED = { limit: requestBookingRecovery.limit, path: PATH } as const

const POLICY = [
  "default-src 'none'",
  `style-src ${RECOVERY_STYLE_SOURCE}`,
  'img-src data:',
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

/**
 * The page that mailed links lead to, for shops that have none of their own: the booking with its tickets, and a form to
 * ask for a link. Knowing the token in the address is what entitles to see it.
 */
export function recoveryPages({ admission, desk, database, secrets, printer }: RecoveryPageDependencies): Router {
  // Strict, so that the page's relative addresses lead where they should.
  const router = Router({ strict: true })
  const { pool } = database
  const { guestSecret, ticketKeys } = secrets
  const printing = new Turnstile(1, 50)

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
    await admission.admitAnyone(request, response, LIMITED)
    const booking = await find(request)
    if (booking === null) {
      sendPage(response, 403, invalidLinkPage())
      return
    }
    const tickets = hasTickets(booking) ? await readTickets(pool, booking.id) : []
    const shown = await Promise.all(tickets.map((ticket) => shownTicket(ticket)))
    sendPage(response, 200, bookingPage(booking, shown, pdfUrl(request)))
  })

  router.get(PDF_PATH, admit, async (request, response) => {
    const booking = await find(request)
    if (booking === null || !hasTickets(booking)) {
      sendPage(response, 403, invalidLinkPage())
      return
    }
    const pdf = await printing.pass(
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
    const body: unknown = request.body
    const asked = requestBookingRecovery.body?.safeParse(trimmed(body))
    if (asked?.success !== true) {
      const text = 'That is no reference, which has eight letters and digits, or no e-mail address.'
      sendPage(response, 400, formPage({ text, isAlert: true }, typedIn(body)))
      return
    }
    // Nothing was looked up before this answer: it tells nothing, and takes no longer for those who have booked.
    sendPage(response, 202, askedPage())
    desk.take(asked.data)
  })

  async function shownTicket(ticket: TicketRow): Promise<ShownTicket> {
    const { seat, name, status } = ticket
    const code = new Markup(await ticketQrSvg(tokenOf(ticketKeys, ticket)))
    return { place: seat === null ? name : `Seat ${seat}, ${name}`, status, code }
  }

  return router
}

const hasTickets = ({ status }: BookingRow) => status === 'confirmed' || status === 'completed'

/** Relative, so that it leads back to the address that the browser knows, whatever stands in between. */
function pdfUrl({ query: { token } }: Request): string {
  return `recover/tickets.pdf?${new URLSearchParams({ token: typeof token === 'string' ? token : '' }).toString()}`
}

/** People copy blanks along. */
function trimmed(body: unknown): unknown {
  const { reference, email } = typedIn(body)
  return { reference: reference.replaceAll(/\s/g, ''), email }
}

function typedIn(body: unknown): { readonly reference: string; readonly email: string } {
  const fields: Readonly<Record<string, unknown>> = typeof body === 'object' && body !== null ? { ...body } : {}
  const text = (value: unknown) => (typeof value === 'string' ? value.slice(0, 254) : '')
  return { reference: text(fields['reference']), email: text(fields['email']) }
}

function sendPage(response: Response, status: number, page: string): void {
  response.statusCode = status
  response.setHeader('Content-Type', 'text/html; charset=utf-8')
  response.setHeader('Cache-Control', 'no-store')
  response.setHeader('Content-Security-Policy', POLICY)
  // The address is what entitles: it is told to nobody.
  response.setHeader('Referrer-Policy', 'no-referrer')
  response.end(page)
}
