import { fileURLToPath } from 'node:url'
import { NODE_FLAGS } from '@boxoffice/core/runtime/node-flags.ts'
import { firstMessage, startChild } from './child-process.ts'
import type { Watched } from '../measure/process-usage.ts'
import { type CpuProfile, profileFlags } from '../measure/cpu-profile.ts'

export const API = fileURLToPath(new URL('../../../api/src/main.ts', import.meta.url))
export const WORKER = fileURLToPath(new URL('../../../worker/src/main.ts', import.meta.url))

/** Tokens are signed here and verified by what is started here; neither secret protects anything. */
export const JWT_SECRET = 'the-load-test-signs-its-own-tokens-with-this'
const GUEST_SECRET = 'and-nobody-comes-as-a-guest-to-the-load-test'

export interface ProcessOptions {
  readonly databaseUrl: string
  /** `null`: queues and signals go through PostgreSQL. */
  readonly queueUrl: string | null
  readonly dataDirectory: string
  /** `null` for none. */
  readonly profile: CpuProfile | null
  /** Settings on top of the usual ones, or in their place. */
  readonly settings?: Readonly<Record<string, string>>
}

export interface Script {
  readonly name: string
  readonly path: string
}

export interface RunningProcesses {
  /** The address of the process that listens. */
  readonly url: string
  readonly watched: readonly Watched[]
  /** Rejects when one of the processes ends unasked. */
  readonly failed: Promise<never>
  /** Resolves when all processes are gone, their profiles written. */
  stop(): Promise<void>
}

/** Starts the scripts, as processes of their own and side by side, and resolves when all of them are ready. */
export async function startProcesses(scripts: readonly Script[], options: ProcessOptions): Promise<RunningProcesses> {
  const children = scripts.map(({ name, path }) =>
    startChild({
      name,
      args: [...NODE_FLAGS, ...profileFlags(options.profile, name), path],
      environment: environmentOf(options),
    }),
  )
  const stop = async () => {
    // Servers before the workers they wait for.
    for (const child of children.toReversed()) await child.stop()
  }
  let port = 0
  try {
    for (const message of await Promise.all(children.map((child) => firstMessage(child)))) {
      if (message instanceof Object && 'port' in message) port = Number(message.port)
    }
  } catch (error) {
    await stop()
    throw error
  }
  const failed = Promise.race(children.map((child) => child.failed))
  failed.catch(() => {})
  return {
    url: `http://127.0.0.1:${port}`,
    watched: children.map(({ name, pid }) => ({ name, pid })),
    failed,
    stop,
  }
}

/** The number of lanes of what is started here, the default of the setting LANES. */
export const LANES = 8

/** Settings that a load test chooses: no limits, and lines as long as they get. */
export const LOAD_SETTINGS = {
  LIMITS: 'off',
  LANES: String(LANES),
  LINE_MAX_DEPTH: '10000000',
  LINES_MAX_DEPTH: '100000000',
}

function environmentOf({ databaseUrl, queueUrl, dataDirectory, settings }: ProcessOptions): Record<string, string> {
  return {
    DATABASE_URL: databaseUrl,
    ...(queueUrl !== null && { QUEUE_URL: queueUrl }),
    DATA_DIR: dataDirectory,
    HOST: '127.0.0.1',
    PORT: '0',
    JWT_SECRET,
    GUEST_SECRET,
    ...LOAD_SETTINGS,
    LOG_LEVEL: 'warn',
    ...settings,
  }
}
