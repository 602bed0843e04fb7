/** Some launchers pass on the Ctrl-C that the terminal has sent us too: so close together they are one. */
const SAME_REQUEST_MS = 1_000

/**
 * Resolves when the person or the system asks this process to stop (Ctrl-C, SIGTERM, a closed terminal).
 * `onForce` is called when they ask again.
 */
export function awaitStopRequest(onForce: () => void): Promise<'stopped'> {
  return new Promise((resolve) => {
    let firstAt: number | undefined
    const onSignal = () => {
      if (firstAt !== undefined && Date.now() - firstAt > SAME_REQUEST_MS) onForce()
      firstAt ??= Date.now()
      resolve('stopped')
    }
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal)
    // Started by another process over a channel: without it nobody would ever stop this one.
    if (process.send !== undefined) process.once('disconnect', onSignal)
  })
}
