import { join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { migrateDatabase } from '@boxoffice/core/db/migrate.ts'
import { DEMO_ORGANIZER_ID } from '@boxoffice/core/demo/demo-organizer.ts'
import { hostOf } from '@boxoffice/core/settings/host-of.ts'
import { createLogger } from '@boxoffice/core/runtime/logger.ts'
import { loadSecrets } from '@boxoffice/core/settings/secrets.ts'
import { parseSettings } from '@boxoffice/core/settings/settings.ts'
import { prepareDemo } from './prepare-demo.ts'
import type { ProcessTree } from './process-tree.ts'
import { requireAddress } from './require-address.ts'
import { AppFailedError } from './supervised-app.ts'
import { describeTour, signTourTokens } from './tour.ts'
import { StartupError } from '@boxoffice/core/runtime/startup-error.ts'

const API = fileURLToPath(new URL('../../api/src/main.ts', import.meta.url))
const WORKER = fileURLToPath(new URL('../../worker/src/main.ts', import.meta.url))
const ANSWERS_WITHIN_MS = 20_000

/** Starts everything, prints the tour, and then runs until the database gives up. */
export async function runAll(processes: ProcessTree): Promise<never> {
  // Quiet unless asked: what is printed here is for a person to read.
  const environment = { ...process.env, LOG_LEVEL: process.env['LOG_LEVEL'] || 'warn' }
  const settings = parseSettings(environment)
  const logger = createLogger('standalone', settings.LOG_LEVEL)
  const dataDir = resolve(settings.DATA_DIR)

  await requireAddress(settings, dataDir)

  const postgres = settings.DATABASE_URL === undefined ? await processes.startPostgres({ dataDir, logger }) : undefined
  const url = postgres?.url ?? settings.DATABASE_URL ?? ''
  await migrateDatabase(url)
  const demo = postgres === undefined ? undefined : await prepareDemo(url, settings.LANES, logger)
  const secrets = await loadSecrets(settings)

  // A person stops this: there is no load balancer to wait for.
  const child = { environment: { ...environment, DATABASE_URL: url, SHUTDOWN_DELAY_MS: '0' }, logger }
  const worker = processes.startApp({ ...child, name: 'The worker', script: WORKER })
  const api = processes.startApp({ ...child, name: 'The API', script: API })
  const [{ port }] = await Promise.all([api.ready, worker.ready])
  const address = `http://${hostOf(settings.HOST)}:${port ?? settings.PORT}`
  await awaitAnswer(`${address}/readyz`)

  const { jwtSecret } = secrets
  const tokens = jwtSecret === null ? undefined : await signTourTokens(jwtSecret, DEMO_ORGANIZER_ID, settings)
  const data = postgres === undefined ? 'in the database at DATABASE_URL' : dataDir
  const mail = settings.SMTP_URL === undefined ? join(dataDir, 'mail') : undefined
  process.stdout.write(describeTour({ url: address, data, mail, demo, tokens }))

  const sentence = await (postgres?.failed ?? new Promise<never>(() => {}))
  throw new StartupError(sentence)
}

async function awaitAnswer(url: string): Promise<void> {
  const deadline = Date.now() + ANSWERS_WITHIN_MS
  for (;;) {
    const response = await fetch(url).catch(() => undefined)
    await response?.body?.cancel()
    if (response?.status === 200) return
    if (Date.now() > deadline) {
      throw new AppFailedError(`${url} does not answer 200 within ${ANSWERS_WITHIN_MS / 1_000} seconds.`)
    }
    await pause(50)
  }
}
