import type { ServerResponse } from 'node:http'

/** The requests of a process that wait for an outcome, so that a stopping process can end their wait. */
export class OpenWaits {
  readonly #open = new Set<AbortController>()

  /** Returns the number of requests that wait. */
  get size(): number {
    return this.#open.size
  }

  /** Runs `wait` with a signal that aborts when the client is gone or the process stops. */
  async during<T>(response: ServerResponse, wait: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const controller = new AbortController()
    const abort = () => controller.abort()
    this.#open.add(controller)
    response.on('close', abort)
    // Whoever left before this was told so before this.
    if (response.closed) abort()
    try {
      return await wait(controller.signal)
    } finally {
      response.off('close', abort)
      this.#open.delete(controller)
    }
  }

  close(): void {
    for (const controller of this.#open) controller.abort()
  }
}
