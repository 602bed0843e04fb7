import { join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { failureSentence } from '@boxoffice/core/db/cli-failure.ts'
import {
  type EmbeddedPostgres,
  EmbeddedPostgresError,
  startEmbeddedPostgres,
} from '@boxoffice/core/db/embedded-postgres.ts'
import { migrateDatabase } from '@boxoffice/core/db/migrate.ts'
import { DEMO_ORGANIZER_ID } from '@boxoffice/core/demo/demo-organizer.ts'
import { hostOf } from '@boxoffice/core/settings/host-of.ts'
import { createLogger } from '@boxoffice/core/runtime/logger.ts'
import { loadSecrets } from '@boxoffice/core/settings/secrets.ts'
import { parseSettings } from '@boxoffice/core/settings/settings.ts'
import { prepareDemo } from './prepare-demo.ts'
import { requireAddress } from './require-address.ts'
import { awaitStopRequest } from './stop-request.ts'
import { AppFailedError, superviseApp, type SupervisedApp } from './supervised-app.ts'
import { describeTour, signTourTokens } from './tour.ts'

const API = fileURLToPath(new URL('../../api/src/main.ts', import.meta.url))
const WORKER = fileURLToPath(new URL('../../worker/src/main.ts', import.meta.url))
const ANSWERS_WITHIN_MS = 20_000

/** Apps that were started so far. */
const apps: SupervisedApp[] = []
let embedded: Promise<EmbeddedPostgres> | undefined
let stopping = false

/** Starts everything, says so, and then runs until the database gives up. */
async function run(): Promise<never> {
  // Quiet unless asked: what is printed here is for a person to read.
  const environment = { ...process.env, LOG_LEVEL: process.env['LOG_LEVEL'] || 'warn' }
  const settings = parseSettings(environment)
  const logger = createLogger('standalone', settings.LOG_LEVEL)
  const dataDir = resolve(settings.DATA_DIR)

  await requireAddress(settings, dataDir)

  // Kept before it is there, so that it is stopped too when we are interrupted meanwhile.
  if (settings.DATABASE_URL === undefined) embedded = startEmbeddedPostgres({ dataDir, logger })
  const postgres = await embedded
  const url = postgres?.url ?? settings.DATABASE_URL ?? ''
  await migrateDatabase(url, settings.LANES)
  const demo = postgres === undefined ? undefined : await prepareDemo(url, settings.LANES, logger)
  const secrets = await loadSecrets(settings)

  // A person stops this: there is no load balancer to wait for.
  const childEnvironment = { ...environment, DATABASE_URL: url, SHUTDOWN_DELAY_MS: '0' }
  const supervise = (name: string, script: string): SupervisedApp => {
    if (stopping) throw new AppFailedError('Stopped while starting.')
    const app = superviseApp({ name, script, environment: childEnvironment, logger })
    apps.push(app)
    return app
  }
  const worker = supervise('The worker', WORKER)
  const api = supervise('The API', API)
  const [{ port }] = await Promise.all([api.ready, worker.ready])
  const address = `http://${hostOf(settings.HOST)}:${port ?? settings.PORT}`
  await awaitAnswer(`${address}/readyz`)

  const { jwtSecret } = secrets
  const tokens = jwtSecret === null ? undefined : await signTourTokens(jwtSecret, DEMO_ORGANIZER_ID, settings)
  const data = postgres === undefined ? 'in the database at DATABASE_URL' : dataDir
  const mail = settings.SMTP_URL === undefined ? join(dataDir, 'mail') : undefined
  process.stdout.write(describeTour({ url: address, data, mail, demo, tokens }))

  const sentence = await (postgres?.failed ?? new Promise<never>(() => {}))
  throw new EmbeddedPostgresError(sentence)
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

/** Apps first and together, then the database they use. */
async function stopAll(): Promise<void> {
  stopping = true
  await Promise.all(apps.map((app) => app.stop()))
  const postgres = await embedded?.catch(() => undefined)
  await postgres?.stop()
}

const sentenceOf = (error: unknown) =>
  error instanceof AppFailedError || error instanceof EmbeddedPostgresError ? error.message : failureSentence(error)

const stopRequest = awaitStopRequest(() => {
  for (const app of apps) app.kill()
  if (embedded === undefined) process.exit(130)
  // Once asked to, the database server stops by itself; killing it would only make its next start slower.
  embedded.then(
    (postgres) => {
      void postgres.stop()
      process.exit(130)
    },
    () => process.exit(130),
  )
})

let exitCode = 0
try {
  await Promise.race([stopRequest, run()])
  process.stdout.write('\nStopping.\n')
} catch (error) {
  process.stderr.write(`${sentenceOf(error)}\n`)
  exitCode = 1
}
try {
  await stopAll()
} catch (error) {
  process.stderr.write(`${sentenceOf(error)}\n`)
  exitCode = 1
}
process.exit(exitCode)
