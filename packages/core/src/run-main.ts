import { SettingsError } from './settings.ts'
import { StartupError } from './startup-error.ts'

/** Whatever hangs, the process is gone this long after it was asked to stop. */
const STOP_TIMEOUT_MS = 4_500

/**
 * Runs a process: `start` builds it, the returned `stop` takes it down. A `SettingsError` or `StartupError` is printed as
 * its sentence, with exit code 1. SIGINT, SIGTERM and the end of the parent process stop it, with exit code 0.
 */
export async function runMain(start: () => Promise<{ stop(): Promise<void> }>): Promise<void> {
  // Until everything is built there is nothing to take down.
  let takeDown = () => Promise.resolve()
  let stopping = false
  const stop = () => {
    if (stopping) return
    stopping = true
    setTimeout(() => process.exit(1), STOP_TIMEOUT_MS).unref()
    takeDown().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`Stopping failed: ${String(error)}\n`)
        process.exit(1)
      },
    )
  }
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
  // A supervised process must not outlive its supervisor.
  if (process.send !== undefined) process.once('disconnect', stop)

  try {
    const running = await start()
    takeDown = () => running.stop()
  } catch (error) {
    if (error instanceof SettingsError || error instanceof StartupError) process.stderr.write(`${error.message}\n`)
    else process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
    process.exit(1)
  }
}
