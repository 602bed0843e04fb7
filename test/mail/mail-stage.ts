import { openLifecyclePool } from '@boxoffice/core/db/pools.ts'
import type { Database } from '@boxoffice/core/db/connect.ts'
import { type MailSettings, openMailTransport } from '@boxoffice/core/mail/transport.ts'
import type { MailTransport } from '@boxoffice/core/mail/message.ts'
import type { MailBudgets } from '@boxoffice/core/domain/mail-budget.ts'
import { type MailResult, type MailSender, openMailSender } from '@boxoffice/core/mail/mail-sender.ts'
import { parseTicketKeys } from '@boxoffice/core/settings/ticket-keys.ts'
import { renderTicketsPdf } from '@boxoffice/core/tickets/ticket-pdf.ts'
import type { TicketPrinter } from '@boxoffice/core/tickets/ticket-printer.ts'
import type { TestDatabase } from '../support/database.ts'
import { TEST_SECRETS } from '../support/tokens.ts'
import { createTestLogger } from '../support/logger.ts'

export const MAIL_FROM = 'Farol <tickets@farol.example>'
const RECOVERY_PAGE = 'https://tickets.example/recover'

/** One process that sends mail: its sender, and its log. */
export interface MailProcess {
  readonly sender: MailSender
  readonly database: Database
  /** Level and facts of each logged line, oldest first. */
  readonly logged: { readonly level: string; readonly facts: unknown }[]
  /** The results of mails, one after the other. */
  readonly results: readonly MailResult[]
  /** Sends the mails that are due, and waits for the end of that. */
  sendDue(): Promise<void>
  close(): Promise<void>
}

export interface MailProcessOptions {
  readonly settings?: Partial<MailSettings>
  /** Puts something between the sender and the mail server. */
  readonly wrap?: (transport: MailTransport) => MailTransport
  /** Budgets of mails; no bound by default. */
  readonly budgets?: MailBudgets
  readonly leaseMs?: number
  /** A printer in place of the real one. */
  readonly printer?: Pick<TicketPrinter, 'print'>
  /** The longest wait for each answer of the mail server. */
  readonly answerMs?: number
}

export function openMailProcess({ url }: TestDatabase, options: MailProcessOptions = {}): MailProcess {
  const { settings, wrap = (same) => same, budgets = null, leaseMs, answerMs = 5_000 } = options
  const ticketKeys = parseTicketKeys(TEST_SECRETS.TICKET_KEYS)
  if (ticketKeys === null) throw new Error('the ticket keys of the tests are malformed')
  const logger = createTestLogger()
  const logged: { level: string; facts: unknown }[] = []
  for (const level of ['info', 'warn', 'error'] as const) {
    logger[level] = (facts: unknown) => void logged.push({ level, facts })
  }
  const results: MailResult[] = []
  const database = openLifecyclePool(url, 10, logger)
  const transport = openMailTransport({ MAIL_FROM, DATA_DIR: '/nowhere', ...settings }, { answerMs })
  const sender = openMailSender({
    database,
    logger,
    transport: wrap(transport),
    budgets,
    onMail: (_, result) => void results.push(result),
    ticketKeys,
    printer: options.printer ?? { print: renderTicketsPdf },
    guestSecret: TEST_SECRETS.GUEST_SECRET,
    recoveryPage: () => RECOVERY_PAGE,
    ...(leaseMs !== undefined && { leaseMs }),
  })
  return {
    sender,
    database,
    logged,
    results,
    sendDue: async () => {
      // One look passes over so many mails and no more; a due mail may be behind those.
      for (let idle = 0; idle < 2;) {
        idle = (await sender.look()) ? 0 : idle + 1
        await sender.settled()
      }
    },
    close: async () => {
      await sender.settled()
      transport.close()
      await database.close()
    },
  }
}

export interface StoredMail {
  readonly id: string
  readonly kind: string
  readonly status: string
  readonly attempts: number
  readonly failure: string | null
  /** The time until the next try. */
  readonly waitsS: number | null
}

/** Reads the mails of a booking, oldest first. */
export async function mailsOf({ database }: TestDatabase, bookingId: string): Promise<readonly StoredMail[]> {
  const { rows } = await database.pool.query<StoredMail>(
    `select id, kind, status, attempts, failure,
       extract(epoch from next_attempt_at - clock_timestamp())::float8 as "waitsS"
     from mails where booking_id = $1 order by created_at, id`,
    [bookingId],
  )
  return rows
}

/** Makes the next try of a booking's mails due. */
export async function makeDue({ database }: TestDatabase, bookingId: string): Promise<void> {
  await database.pool.query(
    `update mails set next_attempt_at = clock_timestamp() where booking_id = $1 and status = 'pending'`,
    [bookingId],
  )
}
