import { once } from 'node:events'
import { createServer } from 'node:net'
import { totalmem } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import type { Logger } from '../runtime/logger.ts'
import { findServerAccount } from './embedded/account.ts'
import { locateBinaries } from './embedded/binaries.ts'
import { claimDirectory, refuseOwned } from './embedded/claim.ts'
import { type DataDirectory, findCluster, OWNER, prepareDataDirectory } from './embedded/data-directory.ts'
import { launchServer, type RunningServer } from './embedded/launch-server.ts'
import { stopLeftover } from './embedded/leftover.ts'
import { optionsForMachine } from './embedded/server-options.ts'
import { StartupError } from '../runtime/startup-error.ts'

const START_ATTEMPTS = 3
const RESTART_DELAY_MS = 500
const RESTARTS_WITHOUT_REST = 5
const RESTED_AFTER_MS = 60_000

export interface EmbeddedPostgresOptions {
  /** Made where it is missing. Everything the server keeps is below its `postgres`. */
  readonly dataDir: string
  readonly logger: Logger
  /** Added to the ones this workload is tuned for, or in their place. */
  readonly serverOptions?: Readonly<Record<string, string>>
  /** Off never waits for the disk: for tests only. */
  readonly durable?: boolean
}

export interface EmbeddedPostgres {
  /** Connection string of the database `boxoffice`; stays the same while this runs. */
  readonly url: string
  /** Resolves with a sentence when the server ended and could not be started again. */
  readonly failed: Promise<string>
  /** Ends all connections, writes everything and stops the server. May be called more than once. */
  stop(): Promise<void>
}

/**
 * Starts a PostgreSQL server on the loopback address, on a free port, with its data below `dataDir`. A server left
 * behind by an owner that was killed is stopped first; a server that ends by itself is started again on its port.
 * Throws `StartupError` with one sentence for the person who started it.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { dataDir, logger, durable = true } = options
  const account = await findServerAccount()
  const binaries = await locateBinaries(account)
  const directory = await prepareDataDirectory({ dataDir, account, binaries, logger, durable })
  const giveUp = await claimDirectory(directory.cluster)
  try {
    await stopLeftover(directory)
    const server = await startClaimed(options, { account, binaries, directory })
    return { ...server, stop: () => server.stop().finally(giveUp) }
  } catch (error) {
    giveUp()
    throw error
  }
}

/** Throws `StartupError` where somebody runs on the data below `dataDir`; makes and changes nothing. */
export async function refuseOtherOwner(dataDir: string): Promise<void> {
  const cluster = await findCluster(dataDir)
  if (cluster !== null) await refuseOwned(cluster)
}

/** Bytes. In a container it is what the container may have; `constrainedMemory` is 0 where nothing is known of a limit. */
const machineMemory = () => Math.min(totalmem(), process.constrainedMemory() || Infinity)

async function startClaimed(
  { logger, serverOptions, durable = true }: EmbeddedPostgresOptions,
  where: Pick<Parameters<typeof launchServer>[0], 'account' | 'binaries' | 'directory'>,
): Promise<EmbeddedPostgres> {
  const { directory } = where
  const settings = {
    ...optionsForMachine(machineMemory()),
    ...(durable ? {} : { fsync: 'off', full_page_writes: 'off' }),
  }
  const launch = (port: number) => launchServer({ ...where, port, settings: { ...settings, ...serverOptions } })
  const first = await launchOnFreePort(launch)
  const port = first.port
  let server = first.server

  let stopping: Promise<void> | undefined
  const failure = Promise.withResolvers<string>()
  const watch = async () => {
    for (let restarts = 0, since = Date.now(); ;) {
      await server.ended
      if (stopping !== undefined) return
      restarts = Date.now() - since > RESTED_AFTER_MS ? 1 : restarts + 1
      since = Date.now()
      logger.error({ restarts }, 'the embedded PostgreSQL ended by itself and is started again')
      if (restarts > RESTARTS_WITHOUT_REST) break
      try {
        // Its orphans need a moment to let go of the shared memory.
        await pause(RESTART_DELAY_MS * restarts)
        if (stopping !== undefined) return
        server = await launch(port)
        if (stopping !== undefined) return await server.stop()
      } catch (error) {
        logger.error({ err: error }, 'the embedded PostgreSQL could not be started again')
      }
    }
    failure.resolve(`The embedded PostgreSQL keeps ending by itself; its log is ${directory.log}.`)
  }

  try {
    await createDatabase(port, directory)
  } catch (error) {
    await server.stop()
    throw error
  }
  const watching = watch()
  const stop = async () => {
    await server.stop()
    // It may be starting the server again at this moment.
    await watching
  }

  return {
    url: `postgres://${OWNER}:${directory.password}@127.0.0.1:${port}/${OWNER}`,
    failed: failure.promise,
    stop: () => (stopping ??= stop()),
  }
}

/** Launches the server on a free port, and retries: the port may be taken between finding and using it. */
async function launchOnFreePort(
  launch: (port: number) => Promise<RunningServer>,
): Promise<{ server: RunningServer; port: number }> {
  for (let attempt = 1; ; attempt++) {
    const port = await findFreePort()
    try {
      return { server: await launch(port), port }
    } catch (error) {
      const taken = error instanceof StartupError && error.message.includes('could not bind')
      if (!taken || attempt === START_ATTEMPTS) throw error
    }
  }
}

async function findFreePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  if (address === null || typeof address === 'string') throw new StartupError('No port is free on 127.0.0.1.')
  return address.port
}

async function createDatabase(port: number, directory: DataDirectory): Promise<void> {
  const client = new pg.Client({
    host: '127.0.0.1',
    port,
    user: OWNER,
    password: directory.password,
    database: 'postgres',
  })
  await client.connect()
  try {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [OWNER])
    if (rowCount === 0) await client.query(`create database ${OWNER}`)
  } finally {
    await client.end()
  }
}
