import { setTimeout as pause } from 'node:timers/promises'
import { StartupError } from '../runtime/startup-error.ts'

/** Whatever hangs, the process is gone this long after it began to stop. */
const STOP_TIMEOUT_MS = 4_500

/** Some launchers pass on the Ctrl-C that the terminal has sent to the process too: so close together they are one. */
const SAME_REQUEST_MS = 1_000

/** A process that runs. */
export interface Running {
  /** Goes on working for `ms` after it was asked to stop, so that others can notice; `begin` tells them. */
  readonly notice?: { readonly ms: number; begin(): void }
  /** Takes the process down. */
  stop(): Promise<void>
}

/**
 * Runs a process: `start` builds it, the returned `stop` takes it down. A `StartupError` is printed as
 * its sentence, with exit code 1. SIGINT, SIGTERM and the end of the parent process stop it, with exit code 0. A second
 * signal ends it at once, with exit code 1.
 */
export async function runMain(start: () => Promise<Running>): Promise<void> {
  let running: Running | null = null
  let stoppedAt: number | null = null
  const stop = async (noticeMs: number) => {
    running?.notice?.begin()
    if (noticeMs > 0) await pause(noticeMs)
    setTimeout(() => process.exit(1), STOP_TIMEOUT_MS).unref()
    try {
      // Until everything is built there is nothing to take down.
      await running?.stop()
      process.exit(0)
    } catch (error) {
      process.stderr.write(`Stopping failed: ${String(error)}\n`)
      process.exit(1)
    }
  }
  const onSignal = () => {
    const nowMs = performance.now()
    if (stoppedAt === null) {
      stoppedAt = nowMs
      void stop(running?.notice?.ms ?? 0)
    } else if (nowMs - stoppedAt > SAME_REQUEST_MS) process.exit(1)
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  // A supervised process must not outlive its supervisor, who is not there to notice anything.
  if (process.send !== undefined) {
    process.once('disconnect', () => {
      if (stoppedAt !== null) return
      stoppedAt = performance.now()
      void stop(0)
    })
  }

  try {
    running = await start()
  } catch (error) {
    if (error instanceof StartupError) process.stderr.write(`${error.message}\n`)
    else process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
    process.exit(1)
  }
}
