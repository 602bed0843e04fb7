import type { Database } from '../db/connect.ts'
import type { BookingRow } from '../bookings/queries/booking-view.ts'
import { findBookingById } from '../bookings/queries/find-booking.ts'
import { findMailFacts, type MailFacts } from './queries/find-mail-facts.ts'
import { findSeller } from '../bookings/queries/find-seller.ts'
import { tellMail } from './queries/tell-mail.ts'
import { wasToldBefore } from './queries/was-told-before.ts'
import type { Logger } from '../runtime/logger.ts'
import { isMailAddress } from '../domain/mail-address.ts'
import { tellsOfCancellation } from '../domain/mail-budget.ts'
import { cancellationMail } from './cancellation.ts'
import { confirmationMail } from './confirmation.ts'
import type { MailContent, MailedBooking } from './mailed-booking.ts'
import type { MailAttachment, OutgoingMail } from './message.ts'
import { moveMail } from './move.ts'
import { recoveryMail } from './recovery.ts'
import { type MailedRefund, refundMail } from './refund.ts'
import { reminderMail } from './reminder.ts'
import { MANUAL } from '../payments/manual.ts'
import { signRecoveryToken } from '../access/recovery-token.ts'
import type { TicketKeys } from '../settings/ticket-keys.ts'
import type { TicketPrinter } from '../tickets/ticket-printer.ts'
import { ThreadClosedError } from '../runtime/thread.ts'
import { ticketDocument } from '../tickets/show-tickets.ts'
import type { ClaimedMail } from './mail-turns.ts'
import { mailedBooking } from './read-mailed-booking.ts'
import { mailedCancellation } from './mailed-cancellation.ts'
import { mailedMove } from './mailed-move.ts'

export interface ComposeDependencies {
  /** For reads. */
  readonly database: Database
  readonly ticketKeys: TicketKeys
  readonly printer: Pick<TicketPrinter, 'print'>
  /** Signs the links of recoveries. */
  readonly guestSecret: string
  /** The page that mailed links lead to. */
  readonly recoveryPage: () => string
  readonly logger: Logger
}

/** There is nothing, or nobody, to send it to any more. The message names nobody. */
export class NothingToSendError extends Error {
  override readonly name = 'NothingToSendError'
}

/** More tickets than this are not mailed: mail servers refuse what they weigh. Their buyer gets a link instead. */
const MAX_MAILED_TICKETS = 200

/** Tries to print the tickets; then the mail goes without them. */
const PRINT_ATTEMPTS = 3

/** They say when and where. */
const WITH_TICKETS: ReadonlySet<ClaimedMail['kind']> = new Set(['confirmation', 'move'])

/** Composes the mail from the booking as it is now. Throws `NothingToSendError`. */
export async function composeMail(deps: ComposeDependencies, mail: ClaimedMail): Promise<OutgoingMail> {
  const { pool } = deps.database
  if (WITH_TICKETS.has(mail.kind)) await tellMail(pool, mail.id)
  const booking = await findBookingById(pool, mail.bookingId)
  if (booking === null) throw new NothingToSendError('The booking is gone.')
  if (!isMailAddress(booking.customerEmail)) throw new NothingToSendError('The booking has no mail address.')
  const facts = await findMailFacts(pool, booking.id, mail.eventId)
  const told = mailedBooking(booking, await findSeller(pool, booking.organizerId), facts.promoCode)
  const mailable = ticketCount(booking) <= MAX_MAILED_TICKETS
  // Before anything is printed: it may be needless.
  const content = await contentOf(deps, mail, booking, facts, told, mailable)
  const pdf = WITH_TICKETS.has(mail.kind) && mailable ? await ticketsOf(deps, mail, booking) : null
  const isLacking = WITH_TICKETS.has(mail.kind) && mailable && pdf === null
  return {
    ...(isLacking ? await contentOf(deps, mail, booking, facts, told, false) : content),
    id: mail.id,
    name: `${mail.kind}-${booking.reference}`,
    createdAt: mail.createdAt,
    to: { name: booking.customerName, address: booking.customerEmail },
    replyTo: told.contact,
    attachments: pdf === null ? [] : [pdf],
  }
}

async function contentOf(
  deps: ComposeDependencies,
  mail: ClaimedMail,
  booking: BookingRow,
  facts: MailFacts,
  told: MailedBooking,
  attached: boolean,
): Promise<MailContent> {
  const { status } = booking
  switch (mail.kind) {
    case 'confirmation':
      if (status !== 'confirmed' && status !== 'completed') {
        throw new NothingToSendError(`The booking is ${status.replace('_', ' ')} by now.`)
      }
      return confirmationMail(told, { recoveryPage: deps.recoveryPage() }, attached)
    case 'cancellation':
      if (status !== 'cancelled') throw new NothingToSendError(`The booking is ${status.replace('_', ' ')} by now.`)
      if (!tellsOfCancellation(booking, await wasToldBefore(deps.database.pool, booking.id, mail.id))) {
        throw new NothingToSendError('The buyer cancelled a free booking before any mail about it.')
      }
      return cancellationMail(told, mailedCancellation(booking, facts.calledOff))
    case 'refund':
      return refundMail(told, refundOf(mail, booking, facts))
    case 'move': {
      if (status !== 'confirmed') throw new NothingToSendError(`The booking is ${status.replace('_', ' ')} by now.`)
      const before = await mailedMove(deps.database.pool, mail.id, booking, told)
      if (before === null) throw new NothingToSendError('The buyer already knows this time and place.')
      return moveMail(told, before, attached ? null : deps.recoveryPage())
    }
    case 'reminder': {
      const { heldUntil } = told
      if (status !== 'pending') throw new NothingToSendError(`The booking is ${status.replace('_', ' ')} by now.`)
      if (heldUntil === null || heldUntil.getTime() <= Date.now())
        throw new NothingToSendError('The hold is over by now.')
      return reminderMail({ ...told, heldUntil }, { recoveryPage: deps.recoveryPage() })
    }
    case 'recovery': {
      const link = new URL(deps.recoveryPage())
      link.searchParams.set('token', await signRecoveryToken(booking.id, deps.guestSecret, Date.now()))
      return recoveryMail(told, link.href)
    }
  }
}

/**
 * Returns the refund of a mail. The mail knows the amount, its event which refund it was, and the refund's payment how
 * it is paid out.
 */
function refundOf(
  { amount }: ClaimedMail,
  { currency, payments, refunds }: BookingRow,
  { told }: MailFacts,
): MailedRefund {
  if (amount === null) throw new NothingToSendError('The refunded amount is not known.')
  const refund =
    refunds.find(({ id }) => id === told?.['refundId']) ??
    refunds.findLast((one) => one.amount === amount && one.status === 'completed')
  const payment = payments.find(({ id }) => id === refund?.paymentId)
  return { amount, currency: refund?.currency ?? currency, byHand: payment?.provider === MANUAL }
}

const ticketCount = ({ items }: BookingRow) => items.reduce((sum, { quantity }) => sum + quantity, 0)

/**
 * Returns the tickets as a PDF; `null` if they cannot be printed after several tries, which must not delay the mail for
 * ever.
 */
async function ticketsOf(
  { database, ticketKeys, printer, logger }: ComposeDependencies,
  { id, attempts }: ClaimedMail,
  booking: BookingRow,
): Promise<MailAttachment | null> {
  try {
    const content = await printer.print(await ticketDocument(database.pool, ticketKeys, booking))
    return { filename: `tickets-${booking.reference}.pdf`, contentType: 'application/pdf', content }
  } catch (error) {
    if (attempts < PRINT_ATTEMPTS || error instanceof ThreadClosedError) throw error
    logger.error({ err: error, mail: id, booking: booking.id }, 'tickets were not printed: the mail goes without them')
    return null
  }
}
