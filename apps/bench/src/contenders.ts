import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { NODE_FLAGS } from '@boxoffice/core/node-flags.ts'
import { type Child, firstMessage, startChild } from './child-process.ts'
import type { Watched } from './process-usage.ts'

export const CONTENDERS = ['a', 'b', 'c'] as const
export type Contender = (typeof CONTENDERS)[number]

export const CONTENDER_NAMES: Readonly<Record<Contender, string>> = {
  a: 'one row-lock transaction per HTTP request',
  b: 'one BullMQ job per booking, concurrency 1',
  c: 'lanes',
}

const ROW_LOCK_SERVER = fileURLToPath(new URL('./baselines/row-lock-server.ts', import.meta.url))
const JOB_SERVER = fileURLToPath(new URL('./baselines/job-per-booking-server.ts', import.meta.url))
const JOB_WORKER = fileURLToPath(new URL('./baselines/job-per-booking-worker.ts', import.meta.url))
const API = fileURLToPath(new URL('../../api/src/main.ts', import.meta.url))
const WORKER = fileURLToPath(new URL('../../worker/src/main.ts', import.meta.url))

/** Tokens are signed by the benchmark and verified by the servers; neither secret protects anything. */
export const JWT_SECRET = 'the-benchmark-signs-its-own-tokens-with-this'
const GUEST_SECRET = 'and-nobody-comes-as-a-guest-to-the-benchmark'

export interface ContenderOptions {
  readonly databaseUrl: string
  readonly queueUrl: string
  readonly dataDirectory: string
  /** Where CPU profiles go, and what their names begin with; `null` for none. */
  readonly profile: { readonly directory: string; readonly prefix: string } | null
}

export interface RunningContender {
  readonly url: string
  readonly watched: readonly Watched[]
  /** Rejects when one of its processes ends unasked. */
  readonly failed: Promise<never>
  /** Resolves when all processes are gone, their profiles written. */
  stop(): Promise<void>
}

/** Starts what is compared, as processes of their own. Resolves when they are ready. */
export function startContender(contender: Contender, options: ContenderOptions): Promise<RunningContender> {
  switch (contender) {
    case 'a':
      return startProcesses([{ name: 'api', script: ROW_LOCK_SERVER }], options)
    case 'b':
      return startProcesses(
        [
          { name: 'worker', script: JOB_WORKER },
          { name: 'api', script: JOB_SERVER },
        ],
        options,
      )
    case 'c':
      return startProcesses(
        [
          { name: 'worker', script: WORKER },
          { name: 'api', script: API },
        ],
        options,
      )
  }
}

/** The product's worker alone, for draining what is in line already. */
export function startWorker(options: ContenderOptions): Promise<RunningContender> {
  return startProcesses([{ name: 'worker', script: WORKER }], options)
}

async function startProcesses(
  scripts: readonly { readonly name: string; readonly script: string }[],
  options: ContenderOptions,
): Promise<RunningContender> {
  const children: Child[] = []
  const stop = async () => {
    // Servers before the workers they wait for.
    for (const child of children.toReversed()) await child.stop()
  }
  let port = 0
  try {
    for (const { name, script } of scripts) {
      const child = startChild({
        name,
        args: [...NODE_FLAGS, ...profileFlags(options, name), script],
        environment: environmentOf(options),
      })
      children.push(child)
      const message = await firstMessage(child)
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

/** What a deployment would set, but for the limits, which a load test has to do without. */
function environmentOf({ databaseUrl, queueUrl, dataDirectory }: ContenderOptions): Record<string, string> {
  return {
    DATABASE_URL: databaseUrl,
    QUEUE_URL: queueUrl,
    DATA_DIR: dataDirectory,
    HOST: '127.0.0.1',
    PORT: '0',
    JWT_SECRET,
    GUEST_SECRET,
    LIMITS: 'off',
    LANE_MAX_DEPTH: '10000000',
    LOG_LEVEL: 'warn',
  }
}

function profileFlags({ profile }: ContenderOptions, name: string): string[] {
  if (profile === null) return []
  return ['--cpu-prof', `--cpu-prof-dir=${profile.directory}`, `--cpu-prof-name=${profileFile(profile.prefix, name)}`]
}

const profileFile = (prefix: string, name: string) => `${prefix}-${name}.cpuprofile`

/** The profiles that a contender's processes write when they end. */
export function profilePaths(
  profile: { readonly directory: string; readonly prefix: string },
  watched: readonly Watched[],
): { readonly name: string; readonly path: string }[] {
  return watched.map(({ name }) => ({ name, path: join(profile.directory, profileFile(profile.prefix, name)) }))
}
