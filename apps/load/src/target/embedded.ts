import type { Database } from '@boxoffice/core/db/connect.ts'
import { describeMachine } from './machine.ts'
import type { Watched } from '../measure/process-usage.ts'
import { startContender } from './contenders.ts'
import { JWT_SECRET, type ProcessOptions } from './processes.ts'
import { type ServerOptions, startServers } from './servers.ts'
import type { Embedded, OpenTarget, Target } from './target.ts'
import { tokenSigner } from './tokens.ts'

/** Starts PostgreSQL and Redis. Each scenario gets a fresh database, with an API and a worker of its own. */
export async function startEmbedded(
  options: ServerOptions & Pick<Embedded, 'profileDirectory'>,
): Promise<Target & { readonly embedded: Embedded }> {
  const servers = await startServers(options)
  try {
    const embedded = { servers, profileDirectory: options.profileDirectory }
    return {
      description: servers.queueUrl === null ? 'embedded, PostgreSQL alone' : 'embedded, PostgreSQL and Redis',
      machine: await describeMachine(servers),
      embedded,
      open: (scenario) => openEmbedded(embedded, scenario),
      stop: () => servers.stop(),
    }
  } catch (error) {
    await servers.stop()
    throw error
  }
}

/** Returns the options for the processes of a run with this name. */
export function processOptions(
  { servers, profileDirectory }: Embedded,
  databaseUrl: string,
  name: string,
): ProcessOptions {
  return {
    databaseUrl,
    queueUrl: servers.queueUrl,
    dataDirectory: servers.dataDirectory,
    profile: profileDirectory === null ? null : { directory: profileDirectory, prefix: name },
  }
}

async function openEmbedded(
  embedded: Embedded,
  { name, settings }: Parameters<Target['open']>[0],
): Promise<OpenTarget> {
  const { servers } = embedded
  const { url, database, drop } = await servers.prepare(`load_${name.replaceAll('-', '_')}`)
  try {
    const options = { ...processOptions(embedded, url, name), settings }
    const opened = await openProduct(database, servers.watched, options)
    const close = async () => {
      await opened.close()
      await drop()
    }
    return { ...opened, close }
  } catch (error) {
    await drop()
    throw error
  }
}

/** Starts a worker and an API on servers that are there, and resolves when they are ready. */
export async function openProduct(
  database: Database,
  servers: readonly Watched[],
  options: ProcessOptions,
): Promise<OpenTarget> {
  const running = await startContender('c', options)
  return {
    url: running.url,
    database,
    watched: [...running.watched, ...servers],
    sign: tokenSigner(JWT_SECRET),
    failed: running.failed,
    close: () => running.stop(),
  }
}
