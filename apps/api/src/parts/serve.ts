import type { RequestListener } from 'node:http'
import type { Express } from 'express'
import { cannotListen } from '@boxoffice/core/settings/cannot-listen.ts'
import type { Settings } from '@boxoffice/core/settings/settings.ts'
import { StartupError } from '@boxoffice/core/runtime/startup-error.ts'
import { type Listening, listen } from '../connections/listen.ts'
import { createApiServer } from '../server/server.ts'
import type { Live } from './live.ts'

/** Answers under way get this long when the process is asked to stop. */
const GRACE_MS = 2_000

/**
 * Serves the app, behind `before`; returns its port. Closing takes no more connections first, then ends the answers that last, so that
 * their clients connect again elsewhere, and waits for the others. Throws `StartupError` if the address cannot be had.
 */
export async function serve(
  parts: AsyncDisposableStack,
  app: Express,
  { hub, streams, waits, shares }: Live,
  before: RequestListener,
  settings: Pick<Settings, 'HOST' | 'PORT'>,
): Promise<number> {
  let listening: Listening | null = null
  parts.defer(async () => {
    const closed = listening?.close(GRACE_MS)
    hub.close()
    streams.close()
    waits.close()
    await closed
  })
  try {
    listening = await listen(createApiServer(app, shares, { before }), settings.PORT, settings.HOST)
  } catch (error) {
    throw new StartupError(cannotListen(error, settings), { cause: error })
  }
  return listening.port
}
