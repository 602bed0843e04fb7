/** Sent in one go; then answers that have come are looked at before the next ones are sent. */
const MAX_AT_ONCE = 64

export interface DispatchOptions {
  /** Intended times, milliseconds of `now`, ascending. */
  readonly atMs: Float64Array
  /** Most clients in flight. */
  readonly clients: number
  /** Arrivals that are not sent by then are not sent at all. */
  readonly sendUntilMs: number
  now(): number
  /**
   * Sends an arrival; resolves when its client is free again. `lagMs` is how long after its intended time it is sent,
   * `ownLagMs` what of that was not waiting for a client. Must not reject.
   */
  send(index: number, lagMs: number, ownLagMs: number): Promise<void>
}

/**
 * The open loop: sends whatever is due, whether or not anything was answered. Where every client is busy the rest waits
 * in order, and goes out the moment one is free.
 *
 * The tempting wrong way is a loop per client that takes the next arrival when its answer is there: a server that stops
 * would then stop the crowd too, and hardly anyone would be seen to wait (coordinated omission).
 */
export class Dispatcher {
  readonly #options: DispatchOptions
  readonly #free: FreeClients
  readonly #over = Promise.withResolvers<void>()
  #next = 0
  #inFlight = 0
  #closed = false
  #timer: NodeJS.Timeout | undefined
  #immediate: NodeJS.Immediate | undefined
  #closing: NodeJS.Timeout | undefined

  constructor(options: DispatchOptions) {
    this.#options = options
    this.#free = new FreeClients(options.clients)
  }

  /** Resolves when everything was sent, or it is too late to, and all that was sent is answered. */
  run(): Promise<void> {
    const { sendUntilMs, now } = this.#options
    this.#closing = setTimeout(() => this.#close(), Math.max(0, sendUntilMs - now()))
    this.#pump()
    return this.#over.promise
  }

  /** Arrivals that were sent. */
  get sent(): number {
    return this.#next
  }

  /** Arrivals that are due and not sent. */
  get waiting(): number {
    const { atMs, now } = this.#options
    return countUpTo(atMs, now()) - this.#next
  }

  /** Stops sending; the other arrivals stay unsent. */
  #close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
    clearImmediate(this.#immediate)
    this.#endIfOver()
  }

  #pump(): void {
    clearTimeout(this.#timer)
    clearImmediate(this.#immediate)
    const { atMs, now } = this.#options
    for (let sent = 0; !this.#closed && this.#next < atMs.length; sent++) {
      const intendedMs = atMs[this.#next] ?? 0
      const nowMs = now()
      if (intendedMs > nowMs) {
        this.#timer = setTimeout(() => this.#pump(), intendedMs - nowMs)
        break
      }
      // Whoever becomes free comes back here.
      if (this.#free.count === 0) break
      if (sent === MAX_AT_ONCE) {
        this.#immediate = setImmediate(() => this.#pump())
        break
      }
      this.#send(intendedMs, nowMs)
    }
    this.#endIfOver()
  }

  #send(intendedMs: number, nowMs: number): void {
    const freeSinceMs = this.#free.take()
    const index = this.#next++
    this.#inFlight++
    const ownLagMs = nowMs - Math.max(intendedMs, freeSinceMs)
    void this.#options.send(index, nowMs - intendedMs, ownLagMs).then(() => {
      this.#inFlight--
      this.#free.give(this.#options.now())
      this.#pump()
    }, this.#over.reject)
  }

  #endIfOver(): void {
    const nothingLeft = this.#closed || this.#next === this.#options.atMs.length
    if (!nothingLeft || this.#inFlight > 0) return
    clearTimeout(this.#closing)
    this.#over.resolve()
  }
}

/** Times since which each client is free, the one who has been for longest first. */
class FreeClients {
  readonly #sinceMs: Float64Array
  #first = 0
  #count: number

  constructor(clients: number) {
    this.#sinceMs = new Float64Array(clients)
    this.#count = clients
  }

  get count(): number {
    return this.#count
  }

  take(): number {
    const sinceMs = this.#sinceMs[this.#first] ?? 0
    this.#first = (this.#first + 1) % this.#sinceMs.length
    this.#count--
    return sinceMs
  }

  give(nowMs: number): void {
    this.#sinceMs[(this.#first + this.#count) % this.#sinceMs.length] = nowMs
    this.#count++
  }
}

/** Counts the ascending times that are not after `untilMs`. */
function countUpTo(atMs: Float64Array, untilMs: number): number {
  let [low, high] = [0, atMs.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((atMs[middle] ?? 0) <= untilMs) low = middle + 1
    else high = middle
  }
  return low
}
