import type { MailContent } from './mailed-booking.ts'

/** A mail ready to go. */
export interface OutgoingMail extends MailContent {
  /** The same however often it is sent: mailboxes know a copy by it. */
  readonly id: string
  /** For whoever looks through files of mail: `confirmation-K7QXM2PA`. */
  readonly name: string
  readonly createdAt: Date
  readonly to: { readonly name: string; readonly address: string }
  /** Address for replies. `null`: whoever reads the sender's mail. */
  readonly replyTo: string | null
  readonly attachments: readonly MailAttachment[]
}

export interface MailAttachment {
  readonly filename: string
  readonly contentType: string
  readonly content: Buffer
}

/** Takes mail away. */
export interface MailTransport {
  /** Hands a mail over. Throws `MailRefusedError`. */
  send(mail: OutgoingMail): Promise<void>
  close(): void
}

/** Returns the mail as nodemailer takes it. It encodes headers, and refuses no name: those are on one line here. */
export function messageOf(mail: OutgoingMail, from: string) {
  const { id, to, replyTo, subject, text, html, attachments } = mail
  return {
    from,
    to: { name: to.name.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' '), address: to.address },
    ...(replyTo !== null && { replyTo: { name: '', address: replyTo } }),
    subject,
    text,
    html,
    messageId: `<${id}@${domainOf(from)}>`,
    headers: {
      // RFC 3834: nobody's holiday notice answers this.
      'Auto-Submitted': 'auto-generated',
      'X-Auto-Response-Suppress': 'All',
    },
    attachments: attachments.map((attachment) => ({ ...attachment })),
  }
}

const domainOf = (from: string) => /@([A-Za-z0-9.-]+)>?\s*$/.exec(from)?.[1] ?? 'localhost'
