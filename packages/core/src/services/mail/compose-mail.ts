import type { Database } from '../../db/connect.ts'
import type { BookingRow } from '../../db/queries/booking-view.ts'
import type { ClaimedMail } from '../../db/queries/claim-mails.ts'
import { findBookingById } from '../../db/queries/find-booking.ts'
import { findOrganizerName } from '../../db/queries/find-organizer.ts'
import { cancellationMail } from '../../mail/cancellation.ts'
import { confirmationMail } from '../../mail/confirmation.ts'
import type { MailContent } from '../../mail/mailed-booking.ts'
import type { MailAttachment, OutgoingMail } from '../../mail/message.ts'
import { recoveryMail } from '../../mail/recovery.ts'
import { refundMail } from '../../mail/refund.ts'
import { signRecoveryToken } from '../../recovery-token.ts'
import type { TicketKeys } from '../../tickets/ticket-keys.ts'
import { renderTicketsPdf } from '../../tickets/ticket-pdf.ts'
import { ticketDocument } from '../tickets/show-tickets.ts'
import { mailedBooking } from './mailed-booking.ts'

export interface ComposeDependencies {
  /** For reads. */
  readonly database: Database
  readonly ticketKeys: TicketKeys
  /** Signs the links of recoveries. */
  readonly guestSecret: string
  /** The page that mailed links lead to. */
  readonly recoveryPage: () => string
}

/** There is nothing, or nobody, to send it to any more. The message names nobody. */
export class NothingToSendError extends Error {
  override readonly name = 'NothingToSendError'
}

/** One address and nothing else: no list, no name, no comment. */
const ADDRESS = /^[^\s@<>()[\]\\,;:"]{1,64}@[^\s@<>()\\,;:"]{1,190}$/

/** The mail, made from the booking as it is now. Throws `NothingToSendError`. */
export async function composeMail(deps: ComposeDependencies, mail: ClaimedMail): Promise<OutgoingMail> {
  const { pool } = deps.database
  const booking = await findBookingById(pool, mail.bookingId)
  if (booking === null) throw new NothingToSendError('The booking is gone.')
  if (!ADDRESS.test(booking.customerEmail)) throw new NothingToSendError('The booking has no address to write to.')
  const content = await contentOf(deps, mail, booking)
  const attachments = mail.kind === 'confirmation' ? [await ticketsOf(deps, booking)] : []
  return {
    ...content,
    id: mail.id,
    name: `${mail.kind}-${booking.reference}`,
    createdAt: mail.createdAt,
    to: { name: booking.customerName, address: booking.customerEmail },
    attachments,
  }
}

async function contentOf(deps: ComposeDependencies, mail: ClaimedMail, booking: BookingRow): Promise<MailContent> {
  const told = mailedBooking(booking, await findOrganizerName(deps.database.pool, booking.organizerId))
  const { status } = booking
  switch (mail.kind) {
    case 'confirmation':
      if (status !== 'confirmed' && status !== 'completed') {
        throw new NothingToSendError(`The booking is ${status.replace('_', ' ')} by now.`)
      }
      return confirmationMail(told, { recoveryPage: deps.recoveryPage() })
    case 'cancellation':
      if (status !== 'cancelled') throw new NothingToSendError(`The booking is ${status.replace('_', ' ')} by now.`)
      return cancellationMail(told)
    case 'refund':
      return refundMail(told, refundOf(mail, booking))
    case 'recovery': {
      const link = new URL(deps.recoveryPage())
      link.searchParams.set('token', await signRecoveryToken(booking.id, deps.guestSecret, Date.now()))
      return recoveryMail(told, link.href)
    }
  }
}

/** The mail knows how much went back, the refunds in which currency. */
function refundOf({ amount }: ClaimedMail, { currency, refunds }: BookingRow) {
  if (amount === null) throw new NothingToSendError('It is not known how much went back.')
  const refund = refunds.findLast((one) => one.amount === amount && one.status === 'completed')
  return { amount, currency: refund?.currency ?? currency }
}

async function ticketsOf({ database, ticketKeys }: ComposeDependencies, booking: BookingRow): Promise<MailAttachment> {
  const content = await renderTicketsPdf(await ticketDocument(database.pool, ticketKeys, booking))
  return { filename: `tickets-${booking.reference}.pdf`, contentType: 'application/pdf', content }
}
