import { html, Markup } from '@boxoffice/core/mail/html.ts'
import { formatMoney } from '@boxoffice/core/domain/money/money.ts'
import type { SandboxCheckout } from '@boxoffice/core/payments/sandbox/checkout.ts'
import { decidePlay, playableOn } from '@boxoffice/core/payments/sandbox/decide-play.ts'
import type { PlayName } from '@boxoffice/core/payments/sandbox/plays.ts'
import { isWebUrl } from '@boxoffice/core/payments/sandbox/return-url.ts'
import { SANDBOX_STYLE } from './style.ts'

/** Notice above the page's own state: the result of the last play, or why it failed. */
export interface Notice {
  readonly text: string
  readonly isAlert: boolean
}

interface Case {
  readonly title: string
  explain(checkout: SandboxCheckout): string
}

const CASES: Readonly<Record<PlayName, Case>> = {
  approve: { title: 'Complete it now', explain: () => 'The money arrives at once.' },
  approve_later: { title: 'Pay slowly', explain: () => 'Processing now, paid after the seconds you set.' },
  decline: { title: 'Decline the card', explain: () => 'The bank declines. The page stays open for another attempt.' },
  fail: { title: 'Let it fail', explain: () => 'The payment fails for good, and the page closes.' },
  approve_twice: { title: 'Pay, and send the webhook twice', explain: () => 'Two webhooks at once, one event id.' },
  approve_out_of_order: {
    title: 'Pay, and reorder the webhooks',
    explain: () => '“Completed” is sent first, “processing” two seconds later.',
  },
  approve_silently: {
    title: 'Pay, and lose the webhook',
    explain: () => 'No webhook is sent. Reconciliation must find the money.',
  },
  approve_wrong_amount: { title: 'Take a wrong amount', explain: insteadOf('approve_wrong_amount') },
  approve_wrong_currency: { title: 'Take a wrong currency', explain: insteadOf('approve_wrong_currency') },
  approve_cancelled: {
    title: 'Take the money anyway',
    explain: () => 'Paid although the page was closed. Boxoffice must refund it.',
  },
}

const GROUPS: readonly { readonly title: string; readonly plays: readonly PlayName[] }[] = [
  { title: 'How a payment may go', plays: ['approve', 'approve_later', 'decline', 'fail'] },
  { title: 'Lost and late messages', plays: ['approve_twice', 'approve_out_of_order', 'approve_silently'] },
  {
    title: 'What should never happen',
    plays: ['approve_wrong_amount', 'approve_wrong_currency', 'approve_cancelled'],
  },
]

/** Notices after a play, if the page's state does not say it all. */
const AFTERWARDS: ReadonlyMap<unknown, string> = new Map<PlayName, string>([
  ['approve_twice', 'The webhook is sent twice.'],
  ['approve_out_of_order', '“Completed” is sent first, “processing” two seconds later.'],
  ['approve_silently', 'No webhook is sent: Boxoffice learns of it when it polls.'],
  ['approve_cancelled', 'The money was taken although the page was closed.'],
])

export function noticeAfter(play: unknown, { status, capturedCurrency }: SandboxCheckout): Notice | null {
  if (status === 'open' && capturedCurrency !== null) {
    return { text: 'The card was declined. Try again, or play something else.', isAlert: true }
  }
  const text = status === 'completed' ? AFTERWARDS.get(play) : undefined
  return text === undefined ? null : { text, isAlert: false }
}

/** Returns the page a buyer pays on, in its current state. Works without JavaScript. */
export function checkoutPage(checkout: SandboxCheckout, notice: Notice | null, nowMs: number): string {
  return page({
    title: `${STATE_TITLES[checkout.status]} – ${checkout.description}`,
    refreshAfterS: refreshAfterS(checkout, nowMs),
    content: html`
      <article class="ticket">
        <section class="order">
          <p class="label">Booking <span class="reference">${checkout.bookingReference}</span></p>
          <h1>${checkout.description}</h1>
        </section>
        <div class="perforation"></div>
        <section>${notice === null ? null : noticeBox(notice)} ${state(checkout)}</section>
      </article>
      ${otherCases(checkout)}
    `,
  })
}

/** Returns the page of an address that leads to no checkout. */
export function unknownCheckoutPage(): string {
  return page({
    title: 'No such page',
    refreshAfterS: null,
    content: html`
      <article class="ticket">
        <section>
          ${verdict('bad', 'This payment page does not exist', html`Check that the address is complete, or start the payment again.`)}
        </section>
      </article>
    `,
  })
}

const STATE_TITLES: Readonly<Record<SandboxCheckout['status'], string>> = {
  open: 'Pay',
  processing: 'Processing',
  completed: 'Paid',
  failed: 'Failed',
  cancelled: 'Closed',
}

/** Kept out of the template, which may be laid out anew: the policy names the hash of these very bytes. */
const STYLE = new Markup(`<style>${SANDBOX_STYLE}</style>`)

function page(parts: {
  readonly title: string
  readonly refreshAfterS: number | null
  readonly content: Markup
}): string {
  const { title, refreshAfterS: seconds, content } = parts
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        ${seconds === null ? null : html`<meta http-equiv="refresh" content="${seconds}" />`}
        <title>${title} – Boxoffice sandbox</title>
        <link rel="icon" href="data:," />
        ${STYLE}
      </head>
      <body>
        <header class="tape">
          <p><strong>This is a sandbox: no money moves.</strong> You play the buyer and the bank.</p>
        </header>
        <main>${content}</main>
      </body>
    </html>`.text
}

/**
 * Returns the seconds until a refresh. A payment that is being processed is looked at again when it should be through.
 */
function refreshAfterS({ status, completesAt }: SandboxCheckout, nowMs: number): number | null {
  if (status !== 'processing' || completesAt === null) return null
  return Math.max(1, Math.ceil((completesAt.getTime() - nowMs) / 1_000) + 1)
}

function noticeBox({ text, isAlert }: Notice): Markup {
  return isAlert
    ? html`<p class="notice alert" role="alert">${text}</p>`
    : html`<p class="notice" role="status">${text}</p>`
}

function state(checkout: SandboxCheckout): Markup {
  const asked = formatMoney(checkout.amount, checkout.currency)
  const back = returnLink(checkout)
  switch (checkout.status) {
    case 'open':
      return html`
        <div class="due">
          <p class="label">To pay</p>
          <p class="amount">${asked}</p>
        </div>
        <form method="post"><button class="button" name="action" value="approve">Pay ${asked}</button></form>
        ${back === null ? null : html`<p class="after"><a href="${back.url}" rel="noreferrer">Back to ${back.host} without paying</a></p>`}
      `
    case 'processing': {
      const at = checkout.completesAt?.toISOString().slice(11, 19) ?? ''
      const more = html`${asked} goes through at <time>${at}</time> UTC. This page reloads automatically.`
      return html`${verdict('wait', 'The payment is being processed', more)} ${returnButton(back)}`
    }
    case 'completed':
      return html`${verdict('good', `Paid: ${takenFrom(checkout)}`, html`${askedInstead(checkout)}`)}
      ${returnButton(back)}`
    case 'failed':
      return html`${verdict('bad', 'The payment failed', html`${asked} was not paid. This page is over.`)}
      ${returnButton(back)}`
    case 'cancelled':
      return html`${verdict('bad', 'This page is closed', html`The ${asked} were not paid in time, so Boxoffice closed it.`)}
      ${returnButton(back)}`
  }
}

const takenFrom = ({ captured, capturedCurrency, currency }: SandboxCheckout) =>
  formatMoney(captured, capturedCurrency ?? currency)

function askedInstead(checkout: SandboxCheckout): string {
  const asked = formatMoney(checkout.amount, checkout.currency)
  if (takenFrom(checkout) === asked) return 'Boxoffice confirms the booking once it learns of the payment.'
  return `That differs from the requested ${asked}. Boxoffice must notice.`
}

function verdict(mood: 'good' | 'bad' | 'wait', title: string, more: Markup): Markup {
  return html`<div class="state ${mood}" role="status">
    ${ICONS[mood]}
    <div>
      <h2>${title}</h2>
      <p>${more}</p>
    </div>
  </div>`
}

const icon = (path: string) =>
  new Markup(
    `<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2.5" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path d="${path}"/></svg>`,
  )

const ICONS = {
  good: icon('M4 12.5l5.5 5.5L20 6.5'),
  bad: icon('M6 6l12 12M18 6L6 18'),
  wait: icon('M12 7v5.5l3.5 2M21 12a9 9 0 1 1-18 0a9 9 0 0 1 18 0z'),
}
const CHEVRON = icon('M9 5l7 7-7 7')

/** Returns the link back, with its host, so that people see where it leads. */
function returnLink({ returnUrl }: SandboxCheckout): { readonly url: string; readonly host: string } | null {
  if (returnUrl === null || !isWebUrl(returnUrl)) return null
  return { url: returnUrl, host: new URL(returnUrl).host }
}

function returnButton(back: ReturnType<typeof returnLink>): Markup | null {
  return back === null ? null : html`<a class="button" href="${back.url}" rel="noreferrer">Back to ${back.host}</a>`
}

function otherCases(checkout: SandboxCheckout): Markup | null {
  const playable = playableOn(checkout.status)
  // On an open page plain paying is the big button above.
  const isOffered = (play: PlayName) => playable.includes(play) && !(checkout.status === 'open' && play === 'approve')
  const groups = GROUPS.map(({ title, plays }) => ({ title, plays: plays.filter(isOffered) }))
  const offered = groups.filter(({ plays }) => plays.length > 0)
  if (offered.length === 0) return null
  return html`<section class="others" aria-labelledby="others">
    <h2 id="others">Other cases</h2>
    ${offered.map(
      ({ title, plays }) =>
        html`<h3>${title}</h3>
          <ul class="cases">
            ${plays.map((play) => html`<li>${caseForm(play, checkout)}</li>`)}
          </ul>`,
    )}
  </section>`
}

function caseForm(play: PlayName, checkout: SandboxCheckout): Markup {
  const { title, explain } = CASES[play]
  return html`<form method="post">
    <button class="case" name="action" value="${play}">
      <strong>${title}</strong>
      <small>${explain(checkout)}</small>
      ${CHEVRON}
    </button>
    ${play === 'approve_later' ? DELAY : null}
  </form>`
}

const DELAY = html`<label class="delay"
  >Seconds <input name="delayS" type="number" inputmode="numeric" min="1" max="3600" value="10" required
/></label>`

/** Returns what the play would take, by the rule that takes it. */
function insteadOf(action: 'approve_wrong_amount' | 'approve_wrong_currency') {
  return (checkout: SandboxCheckout): string => {
    const decision = decidePlay(checkout, { action })
    const taken = decision.kind === 'played' ? decision.checkout.captured : null
    if (taken === null) return ''
    const { amount, currency } = checkout
    return `${formatMoney(taken.amount, taken.currency)} is taken instead of ${formatMoney(amount, currency)}.`
  }
}
