import { Router, type Request, type Response } from 'express'
import type { Database } from '@boxoffice/core/db/connect.ts'
import { reportOf, type SandboxCheckout } from '@boxoffice/core/payments/sandbox/checkout.ts'
import type { SandboxCourier } from '@boxoffice/core/payments/sandbox/courier.ts'
import { playableOn } from '@boxoffice/core/payments/sandbox/decide-play.ts'
import { playCheckout } from '@boxoffice/core/payments/sandbox/play-checkout.ts'
import { sandboxPlaySchema, type SandboxPlay } from '@boxoffice/core/payments/sandbox/plays.ts'
import { findCheckout } from '@boxoffice/core/payments/sandbox/queries/find-checkout.ts'
import { isCheckoutId } from '@boxoffice/core/payments/sandbox/sandbox-id.ts'
import { notFound, Problem } from '@boxoffice/core/use-case/problem.ts'
import type { Admission } from '../http/admission.ts'
import { readFormOrJsonBody } from '../http/form-body.ts'
import { sendPrivateJson } from '../http/send-json.ts'
import { validate } from '../http/validate.ts'
import { checkoutPage, noticeAfter, unknownCheckoutPage, type Notice } from './sandbox-checkout-page.ts'
import { SANDBOX_STYLE_SOURCE } from './sandbox-checkout-style.ts'

export interface SandboxCheckoutDependencies {
  readonly admission: Admission
  readonly database: Database
  /** Told when there is news to bring out. */
  readonly courier: Pick<SandboxCourier, 'nudge'>
}

const PATH = '/sandbox/checkouts/:id'

/**
 * The sandbox's checkout page. It needs no sign-in, as a provider's page needs none: knowing its address is what
 * entitles a buyer to act on it.
 */
export function sandboxCheckoutRoutes({ admission, database, courier }: SandboxCheckoutDependencies): Router {
  // Strict, so that the page's relative addresses lead where they should.
  const router = Router({ strict: true })

  router.use(PATH, async (request, response, next) => {
    await admission.admitAnyone(request, response, { limit: 'write', path: PATH })
    next()
  })

  const find = (id: unknown) =>
    typeof id === 'string' && isCheckoutId(id) ? findCheckout(database.pool, id) : Promise.resolve(null)

  router.get(PATH, async (request, response) => {
    const checkout = await find(request.params.id)
    if (checkout === null) sendUnknown(request, response)
    else if (prefersJson(request)) sendPrivateJson(response, 200, viewOf(checkout))
    else sendCheckout(response, 200, checkout, noticeAfter(request.query['played'], checkout))
  })

  router.post(PATH, readFormOrJsonBody, async (request, response) => {
    const checkout = await find(request.params['id'])
    if (checkout === null) {
      sendUnknown(request, response)
      return
    }
    const play = readPlay(request, response, checkout)
    if (play === null) return
    const result = await playCheckout(database, checkout.id, play)
    if (result.kind === 'unknown') {
      sendUnknown(request, response)
    } else if (result.kind === 'refused') {
      if (!expectsHtml(request)) throw notPlayable(result.reason, result.checkout)
      sendCheckout(response, 409, result.checkout, { text: `${result.reason} Nothing was changed.`, isAlert: true })
    } else {
      courier.nudge()
      if (prefersJson(request)) sendPrivateJson(response, 200, viewOf(result.checkout))
      else redirectToPage(response, checkout.id, play)
    }
  })
  return router
}

/** A person who typed nonsense into the form gets the form back; a program gets the problem. Then `null`. */
function readPlay(request: Request, response: Response, checkout: SandboxCheckout): SandboxPlay | null {
  try {
    return validate(sandboxPlaySchema, request.body)
  } catch (error) {
    if (!(error instanceof Problem) || !expectsHtml(request)) throw error
    const text = `Nothing was played. ${error.errors.map(({ detail }) => detail).join(' ')}`
    sendCheckout(response, 400, checkout, { text, isAlert: true })
    return null
  }
}

const notPlayable = (detail: string, { status }: SandboxCheckout) =>
  new Problem('invalid_transition', { detail, facts: { current: status, actions: playableOn(status) } })

/** Relative, so that it leads back to the address that the browser knows, whatever stands in between. */
function redirectToPage(response: Response, id: string, play: SandboxPlay): void {
  response.statusCode = 303
  response.setHeader('Location', `${id}?played=${play.action}`)
  response.setHeader('Cache-Control', 'no-store')
  response.end()
}

function sendCheckout(response: Response, status: number, checkout: SandboxCheckout, notice: Notice | null): void {
  sendPage(response, status, checkoutPage(checkout, notice, Date.now()))
}

function sendUnknown(request: Request, response: Response): void {
  if (!expectsHtml(request)) throw notFound('checkout')
  sendPage(response, 404, unknownCheckoutPage())
}

function sendPage(response: Response, status: number, page: string): void {
  response.statusCode = status
  response.setHeader('Content-Type', 'text/html; charset=utf-8')
  response.setHeader('Cache-Control', 'no-store')
  response.setHeader('Content-Security-Policy', POLICY)
  response.setHeader('X-Content-Type-Options', 'nosniff')
  // The page's address is what entitles to pay: it is not told to where the page leads.
  response.setHeader('Referrer-Policy', 'no-referrer')
  response.end(page)
}

const POLICY = [
  "default-src 'none'",
  `style-src ${SANDBOX_STYLE_SOURCE}`,
  'img-src data:',
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

const prefersJson = (request: Request) => request.accepts(['html', 'json']) === 'json'

/** What takes anything, as curl does, is no browser. */
const expectsHtml = (request: Request) => request.accepts(['json', 'html']) === 'html'

function viewOf(checkout: SandboxCheckout) {
  const { id, bookingReference, description, amount, currency, status, completesAt, returnUrl } = checkout
  const report = reportOf(checkout)
  return {
    id,
    status,
    bookingReference,
    description,
    amount,
    currency,
    captured: report.status === 'completed' ? report.captured : null,
    completesAt: completesAt?.toISOString() ?? null,
    returnUrl,
    actions: playableOn(status),
  }
}
