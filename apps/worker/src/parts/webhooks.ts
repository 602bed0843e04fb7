import type { Database } from '@boxoffice/core/db/connect.ts'
import type { Logger } from '@boxoffice/core/runtime/logger.ts'
import { openWebhookSender, type WebhookSender } from '@boxoffice/core/webhooks/webhook-sender.ts'
import type { Settings } from '@boxoffice/core/settings/settings.ts'
import { anyDestination, publicDestinations } from '@boxoffice/core/webhooks/destination.ts'
import { WebhookPoster } from '@boxoffice/core/webhooks/poster.ts'

/** Opens what webhooks are posted with. The sender itself has to be stopped before that is closed. */
export function openWebhooks(
  parts: AsyncDisposableStack,
  settings: Pick<Settings, 'WEBHOOKS_TO_PRIVATE_ADDRESSES'>,
  database: Database,
  logger: Logger,
): WebhookSender {
  const poster = new WebhookPoster({
    destinations: settings.WEBHOOKS_TO_PRIVATE_ADDRESSES ? anyDestination() : publicDestinations(),
  })
  parts.defer(() => poster.close())
  return openWebhookSender({ database, poster, logger })
}
