import { type ChildProcess, spawn } from 'node:child_process'
import type { Logger } from '@boxoffice/core/runtime/logger.ts'
import { NODE_FLAGS } from '@boxoffice/core/runtime/node-flags.ts'

const READY_WITHIN_MS = 30_000
const STOP_WITHIN_MS = 10_000
const FIRST_RESTART_DELAY_MS = 250
const MAX_RESTART_DELAY_MS = 5_000
/** Less than a worker's patience with a queue that is away: its pauses must not grow meanwhile. */
const RESTED_AFTER_MS = 10_000

/** An app that did not start. The message is what it said, or a sentence about it. */
export class AppFailedError extends Error {
  override readonly name = 'AppFailedError'
}

export interface SupervisedApp {
  /** Message of the app when it is ready. Rejects with `AppFailedError` if it ends before. */
  readonly ready: Promise<ReadyMessage>
  /** Asks it to stop, waits, and kills it when that takes too long. May be called more than once. */
  stop(): Promise<void>
  /** Kills it at once. */
  kill(): void
}

interface ReadyMessage {
  /** The port it listens on, where it does. */
  readonly port: number | undefined
}

/**
 * Runs an app as a child process and starts it again, with growing pauses, whenever it ends by itself: what keeps one app
 * from starting (a Redis that is away) must not take the other one down.
 */
export function superviseApp(options: {
  /** Begins a sentence: "The API". */
  name: string
  script: string
  environment: Readonly<Record<string, string | undefined>>
  logger: Logger
}): SupervisedApp {
  const { name, script, logger } = options
  let environment = options.environment
  let stopping = false
  let child: ChildProcess | undefined
  let wake: (() => void) | undefined
  const ready = Promise.withResolvers<ReadyMessage>()
  // Nobody may be waiting when it rejects.
  ready.promise.catch(() => {})

  const onReady = ({ port }: ReadyMessage) => {
    // The next one takes the same port, whatever was asked for: the address has been told to people.
    if (port !== undefined) environment = { ...environment, PORT: String(port) }
    ready.resolve({ port })
  }

  const supervise = async () => {
    let first = true
    let crashes = 0
    while (!stopping) {
      const startedAt = Date.now()
      const run = runOnce(script, environment, onReady)
      child = run.child
      const end = await run.ended
      if (stopping) return
      if (first && !end.wasReady) {
        ready.reject(new AppFailedError(end.said || `${name} ended while starting (${end.how}).`))
        return
      }
      first = false
      crashes = Date.now() - startedAt > RESTED_AFTER_MS ? 1 : crashes + 1
      logger.error({ app: name, how: end.how, crashes }, 'an app ended by itself and is started again')
      await new Promise<void>((resolve) => {
        wake = resolve
        setTimeout(resolve, Math.min(FIRST_RESTART_DELAY_MS * 2 ** (crashes - 1), MAX_RESTART_DELAY_MS))
      })
    }
  }
  const supervision = supervise()
  const overdue = setTimeout(() => {
    ready.reject(new AppFailedError(`${name} did not get ready within ${READY_WITHIN_MS / 1_000} seconds.`))
  }, READY_WITHIN_MS)
  void ready.promise.catch(() => {}).finally(() => clearTimeout(overdue))

  return {
    ready: ready.promise,
    stop: async () => {
      stopping = true
      wake?.()
      clearTimeout(overdue)
      child?.kill('SIGTERM')
      const tooLate = setTimeout(() => child?.kill('SIGKILL'), STOP_WITHIN_MS)
      await supervision
      clearTimeout(tooLate)
    },
    kill: () => {
      stopping = true
      child?.kill('SIGKILL')
    },
  }
}

interface End {
  readonly wasReady: boolean
  /** Text on stderr that was not passed on already. */
  readonly said: string
  readonly how: string
}

/**
 * Runs an app. It keeps stderr back until the app is ready, so that a failure is reported once, and passes it on
 * afterwards.
 */
function runOnce(
  script: string,
  environment: Readonly<Record<string, string | undefined>>,
  onReady: (message: ReadyMessage) => void,
): { child: ChildProcess; ended: Promise<End> } {
  const child = spawn(process.execPath, [...NODE_FLAGS, script], {
    env: environment,
    // In a session of its own, so that Ctrl-C reaches us alone and we stop things in order. The channel tells it
    // when we are gone.
    detached: true,
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
  })
  let wasReady = false
  let said = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    if (wasReady) process.stderr.write(text)
    else said += text
  })
  child.once('message', (content) => {
    wasReady = true
    if (said !== '') process.stderr.write(said)
    said = ''
    onReady({ port: content instanceof Object && 'port' in content ? Number(content.port) : undefined })
  })
  const ended = Promise.withResolvers<End>()
  child.once('error', (error) => ended.resolve({ wasReady, said: '', how: error.message }))
  // `close`, not `exit`: by then everything it wrote has arrived.
  child.once('close', (code, signal) =>
    ended.resolve({ wasReady, said: said.trim(), how: signal ?? `exit code ${code}` }),
  )
  return { child, ended: ended.promise }
}
