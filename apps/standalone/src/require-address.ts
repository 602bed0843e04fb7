import { createServer } from 'node:net'
import { cannotListen } from '@boxoffice/core/settings/cannot-listen.ts'
import { refuseOtherOwner } from '@boxoffice/core/db/embedded-postgres.ts'
import type { Settings } from '@boxoffice/core/settings/settings.ts'
import { AppFailedError } from './supervised-app.ts'

/**
 * Makes sure that the API's address can be had, before a database is made for what ends there. Where it
 * is taken by another Boxoffice on the same data, that is what is told.
 *
 * @throws AppFailedError, StartupError
 */
export async function requireAddress(
  settings: Pick<Settings, 'HOST' | 'PORT' | 'DATABASE_URL'>,
  dataDir: string,
): Promise<void> {
  const server = createServer()
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(settings.PORT, settings.HOST, resolve)
    })
  } catch (error) {
    if (settings.DATABASE_URL === undefined) await refuseOtherOwner(dataDir)
    throw new AppFailedError(cannotListen(error, settings))
  }
  await new Promise((resolve) => void server.close(resolve))
}
