import type { BookingRow } from '@boxoffice/core/bookings/queries/booking-view.ts'
import { formatMoney } from '@boxoffice/core/domain/money/money.ts'
import { html, Markup } from '@boxoffice/core/mail/html.ts'
import { placeFacts } from '@boxoffice/core/mail/booking-blocks.ts'
import { groupItems } from '@boxoffice/core/mail/read-mailed-booking.ts'
import { eventTime } from '@boxoffice/core/tickets/event-time.ts'
import { RECOVERY_STYLE } from './style.ts'

/** A ticket as the page shows it. */
export interface ShownTicket {
  /** `Seat C5, Standard` or `Balcony`. */
  readonly place: string
  readonly status: 'issued' | 'checked_in' | 'void'
  /** Address of a picture of its code. */
  readonly codeUrl: string
}

/** Some of a booking's tickets. Addresses are relative to the page. */
export interface TicketPage {
  readonly tickets: readonly ShownTicket[]
  /** Number of the first ticket among the booking's, from 1. */
  readonly first: number
  /** Number of the booking's tickets. */
  readonly total: number
  /** `null` where there are too many to be printed. */
  readonly pdfUrl: string | null
  readonly previousUrl: string | null
  readonly nextUrl: string | null
}

export interface Notice {
  readonly text: string
  readonly isAlert: boolean
}

export interface FormInput {
  readonly reference: string
  readonly email: string
}

/** Returns the page of a link: the booking, its status, and its tickets if it has any. */
export function bookingPage(booking: BookingRow, tickets: TicketPage | null): string {
  const { title, venue, address, auditorium, startsAt, timeZone } = booking.occasion
  const { text, zone } = eventTime(new Date(startsAt), timeZone)
  return page(
    title,
    html`<article class="card">
        <p class="label">Booking <span class="reference">${booking.reference}</span></p>
        <h1>${title}</h1>
        <p class="status ${booking.status}" role="status">${statusText(booking)}</p>
        <dl>
          <dt>When</dt>
          <dd>${text} ${zone}</dd>
          <dt>Where</dt>
          <dd>
            ${venue}${auditorium === null ? null : html`, ${auditorium}`}
            ${address === '' ? null : html`<br /><small>${address}</small>`}
          </dd>
          ${heldPlaces(booking)}
          <dt>Total</dt>
          <dd>
            ${formatMoney(booking.total, booking.currency)}
            ${booking.refunded === 0 ? null : html`<br /><small>${formatMoney(booking.refunded, booking.currency)} refunded</small>`}
          </dd>
        </dl>
        ${tickets?.pdfUrl == null ? null : html`<a class="button" href="${tickets.pdfUrl}">Print the tickets (PDF)</a>`}
      </article>
      ${tickets === null ? null : ticketSection(tickets)}
      <p class="label foot">
        This page is good for an hour from when the link was mailed. Do not pass its address on.
      </p>`,
  )
}

/** Returns what is held while it is not paid: no tickets say so yet. */
function heldPlaces({ status, items }: BookingRow): readonly Markup[] {
  if (status !== 'pending') return []
  return placeFacts(groupItems(items)).map(
    ({ name, value }) =>
      html`<dt>${name}</dt>
        <dd>${value}</dd>`,
  )
}

function ticketSection(page: TicketPage): Markup {
  const { tickets, first, total } = page
  const last = first + tickets.length - 1
  const range = first === last ? `Ticket ${first}` : `Tickets ${first} to ${last}`
  return html`<section aria-labelledby="tickets">
    <h2 id="tickets">${total === 1 ? 'Your ticket' : `Your ${count(total)} tickets`}</h2>
    <p class="label">
      ${tickets.length < total ? `${tickets.length === 0 ? 'There is no such page' : `${range} of ${count(total)}`}. ` : ''}Show
      each code at the entrance.
    </p>
    ${pageLinks(page, 'Pages of tickets, above')}
    <ul class="tickets">
      ${tickets.map(ticketItem)}
    </ul>
    ${tickets.length === 0 ? null : pageLinks(page, 'Pages of tickets, below')}
  </section>`
}

const count = (number: number) => new Intl.NumberFormat('en').format(number)

function pageLinks({ previousUrl, nextUrl }: TicketPage, label: string): Markup | null {
  if (previousUrl === null && nextUrl === null) return null
  return html`<nav class="pages" aria-label="${label}">
    ${previousUrl === null ? null : html`<a class="page" rel="prev" href="${previousUrl}">Earlier tickets</a>`}
    ${nextUrl === null ? null : html`<a class="page next" rel="next" href="${nextUrl}">More tickets</a>`}
  </nav>`
}

function ticketItem({ place, status, codeUrl }: ShownTicket): Markup {
  return html`<li class="card ticket ${status}">
    <h3>${place}</h3>
    ${status === 'checked_in' ? html`<p class="label">Used at the entrance.</p>` : null}
    ${status === 'void' ? html`<p class="label">No longer valid.</p>` : html`<div class="code"><img src="${codeUrl}" alt="QR code of ${place}" width="320" height="320" /></div>`}
  </li>`
}

function statusText({ status, expiresAt, occasion }: BookingRow): string {
  switch (status) {
    case 'pending': {
      if (expiresAt === null) return 'Not paid yet.'
      const { text, zone } = eventTime(expiresAt, occasion.timeZone)
      return `Not paid yet: the places are held until ${text} ${zone}.`
    }
    case 'confirmed':
      return 'Confirmed. Have a good time!'
    case 'completed':
      return 'Confirmed, and it has taken place.'
    case 'cancelled':
      return 'Cancelled: its tickets are not valid any more.'
    case 'no_show':
      return 'It has taken place, and these tickets were not used.'
  }
}

/** Returns the page for an expired or broken link, with the way to a new one. */
export function invalidLinkPage(): string {
  return page(
    'The link is over',
    html`<article class="card">
      <h1>This link has expired</h1>
      <p>A link to a booking is valid for one hour, and only if it is complete. Request a new one here.</p>
      ${form({ reference: '', email: '' })}
    </article>`,
  )
}

/** Returns the page for times when there is too much going on. Reloading asks the same again. */
export function busyPage(): string {
  return page(
    'One moment, please',
    html`<article class="card">
      <h1>One moment, please</h1>
      <p role="alert">Too many people on your network are looking for bookings right now.</p>
      <p>Wait a minute, then load this page again.</p>
    </article>`,
  )
}

/** Returns the form in which a buyer requests a link. */
export function formPage(notice: Notice | null, input: FormInput): string {
  return page(
    'Find your booking',
    html`<article class="card">
      <h1>Find your booking</h1>
      ${notice === null ? null : noticeBox(notice)}
      <p>Enter the reference of your booking and your e-mail address, and we will mail you a link to it.</p>
      ${form(input)}
    </article>`,
  )
}

/** Returns the answer to the form, which is the same whatever was requested. */
export function askedPage(): string {
  return page(
    'Check your mail',
    html`<article class="card">
      <h1>Check your mail</h1>
      <p role="status">
        If the booking exists, a mail with a link to it is on its way. The link is valid for one hour.
      </p>
      <p class="label">
        Nothing there after a few minutes? Look among the spam, and check reference and address. You get at most one
        link in five minutes, and five in a day.
      </p>
      <p><a href="recover">Ask again</a></p>
    </article>`,
  )
}

function noticeBox({ text, isAlert }: Notice): Markup {
  return isAlert ? html`<p class="notice" role="alert">${text}</p>` : html`<p class="notice" role="status">${text}</p>`
}

/** Renders the form. Not of `type="email"`: browsers refuse an address with the marks that contacts and mails add. */
function form({ reference, email }: FormInput): Markup {
  return html`<form method="post" action="recover">
    <label
      >Reference
      <input
        name="reference"
        value="${reference}"
        required
        maxlength="20"
        autocomplete="off"
        autocapitalize="characters"
        spellcheck="false"
        placeholder="K7QXM2PA"
    /></label>
    <label
      >E-mail address
      <input
        name="email"
        inputmode="email"
        value="${email}"
        required
        maxlength="254"
        autocomplete="email"
        autocapitalize="none"
        spellcheck="false"
    /></label>
    <button class="button">Mail me a link</button>
  </form>`
}

/** Kept out of the template, which may be laid out anew: the policy names the hash of these very bytes. */
const STYLE = new Markup(`<style>${RECOVERY_STYLE}</style>`)

function page(title: string, content: Markup): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>${title} – Boxoffice</title>
        <link rel="icon" href="data:," />
        ${STYLE}
      </head>
      <body>
        <main>${content}</main>
      </body>
    </html>`.text
}
