import type { Database } from '@boxoffice/core/db/connect.ts'
import type { Logger } from '@boxoffice/core/runtime/logger.ts'
import { within } from '@boxoffice/core/runtime/within.ts'
import { RecoveryRequests } from '@boxoffice/core/bookings/recovery/recovery-requests.ts'
import type { Settings } from '@boxoffice/core/settings/settings.ts'

/** Links that were promised when the process stops get this long, after the answers under way. */
const LINKS_GRACE_MS = 1_000

/** Opens what mails links to bookings. */
export function openRecoveryRequests(
  parts: AsyncDisposableStack,
  database: Database,
  settings: Settings,
  logger: Logger,
): RecoveryRequests {
  const recoveries = new RecoveryRequests(database, logger, settings.LIMITS ? settings.RECOVERIES_PER_RECIPIENT : null)
  parts.defer(async () => {
    await within(LINKS_GRACE_MS, 'mailing links', recoveries.settle()).catch((error: unknown) => {
      logger.warn({ err: error }, 'some who asked for a link to a booking get none')
    })
  })
  return recoveries
}
