import { describeMachine } from '@boxoffice/load-rig/machine.ts'
import { defaultParent, findRedis, type Servers, startServers } from '@boxoffice/load-rig/stack.ts'
import type { Scenario } from './scenarios/scenario.ts'
import type { OpenTarget, Target } from './target.ts'
import { openProduct } from './target-product.ts'

export interface EmbeddedOptions {
  /** `auto`: Redis where there is a `redis-server`; `none`: PostgreSQL alone. */
  readonly redis: 'auto' | 'none'
  /** Where CPU profiles go; `null` for none. */
  readonly profileDirectory: string | null
  /** `false`: nobody will believe the figures, so PostgreSQL is not prepared for them. */
  readonly measures: boolean
}

/** PostgreSQL, Redis, an API and a worker of our own, on a fresh database for each scenario. */
export async function startEmbedded({ redis, profileDirectory, measures }: EmbeddedOptions): Promise<Target> {
  const redisProgram = redis === 'none' ? null : findRedis()
  const servers = await startServers(
    { parent: defaultParent(), statementStatistics: false, warmLog: measures },
    redisProgram,
  )
  try {
    return {
      description: servers.queueUrl === null ? 'embedded, PostgreSQL alone' : 'embedded, PostgreSQL and Redis',
      machine: await describeMachine(servers),
      open: (scenario) => openScenario(servers, scenario, profileDirectory),
      stop: () => servers.stop(),
    }
  } catch (error) {
    await servers.stop()
    throw error
  }
}

async function openScenario(
  servers: Servers,
  { name, settings }: Scenario,
  profileDirectory: string | null,
): Promise<OpenTarget> {
  const { url, database, drop } = await servers.prepare(`flood_${name.replaceAll('-', '_')}`)
  try {
    const opened = await openProduct(database, servers.watched, {
      databaseUrl: url,
      queueUrl: servers.queueUrl,
      dataDirectory: servers.dataDirectory,
      profile: profileDirectory === null ? null : { directory: profileDirectory, prefix: name },
      settings,
    })
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
