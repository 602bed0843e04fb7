import type { Database } from '@boxoffice/core/db/connect.ts'
import type { Logger } from '@boxoffice/core/runtime/logger.ts'
import { openMailTransport } from '@boxoffice/core/mail/transport.ts'
import type { WorkerMetrics } from '@boxoffice/core/operations/metrics/worker-metrics.ts'
import type { Secrets } from '@boxoffice/core/settings/secrets.ts'
import { type MailSender, openMailSender } from '@boxoffice/core/mail/mail-sender.ts'
import type { Settings } from '@boxoffice/core/settings/settings.ts'
import { openTicketPrinter } from '@boxoffice/core/tickets/ticket-printer.ts'

interface MailOptions {
  readonly settings: Settings
  readonly secrets: Secrets
  readonly database: Database
  readonly logger: Logger
  readonly metrics: WorkerMetrics
  readonly publicUrl: () => string
}

/** Opens what mail is sent with. The sender itself has to be stopped before its parts are closed. */
export function openMail(
  parts: AsyncDisposableStack,
  { settings, secrets, database, logger, metrics, publicUrl }: MailOptions,
): MailSender {
  const printer = openTicketPrinter(logger)
  parts.defer(() => printer.close())
  const transport = openMailTransport(settings)
  parts.defer(() => transport.close())
  return openMailSender({
    database,
    logger,
    transport,
    budgets: settings.LIMITS
      ? { perRecipientAnHour: settings.MAILS_PER_RECIPIENT, perLineAMinute: settings.MAILS_PER_RESOURCE }
      : null,
    onMail: metrics.onMail,
    ticketKeys: secrets.ticketKeys,
    printer,
    guestSecret: secrets.guestSecret,
    recoveryPage: () => settings.RECOVERY_URL ?? `${publicUrl()}/recover`,
  })
}
