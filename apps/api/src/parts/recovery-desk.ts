import type { Database } from '@boxoffice/core/db/connect.ts'
import type { Logger } from '@boxoffice/core/runtime/logger.ts'
import { within } from '@boxoffice/core/runtime/within.ts'
import { RecoveryDesk } from '@boxoffice/core/bookings/recovery/recovery-desk.ts'
import type { Settings } from '@boxoffice/core/settings/settings.ts'

/** Those who were promised a link by mail get this long when the process stops, after the answers under way. */
const LINKS_GRACE_MS = 1_000

/** Opens the desk that mails links to bookings. */
export function openRecoveryDesk(
  parts: AsyncDisposableStack,
  database: Database,
  settings: Settings,
  logger: Logger,
): RecoveryDesk {
  const desk = new RecoveryDesk(database, logger, settings.LIMITS ? settings.RECOVERIES_PER_RECIPIENT : null)
  parts.defer(async () => {
    await within(LINKS_GRACE_MS, 'mailing links', desk.settle()).catch((error: unknown) => {
      logger.warn({ err: error }, 'some who asked for a link to a booking get none')
    })
  })
  return desk
}
