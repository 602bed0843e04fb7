import { connect, type Socket } from 'node:net'
import { latencyOf, openHistogram, recordMs } from '../measure/latency.ts'
import type { Latency } from '../results/results.ts'
import { isWholeAnswer } from '@boxoffice/core/runtime/raw-crowd.ts'

const LOOK_EVERY_MS = 2
const MAX_CONNECTIONS = 6_000

/** Answers to those who came in the measured time. Times are from when they meant to send to the answer. */
export interface RushOutcome {
  readonly accepted: Latency
  readonly turnedAway: Latency
  /** Other answers, and broken connections. */
  readonly others: number
  /** Nobody could send them: all connections were waiting. */
  readonly unsent: number
}

/**
 * An open loop over raw sockets: people come at a rate, whatever the server makes of them, and each sends one request on a
 * connection that is free.
 */
export class RawRush {
  readonly #port: number
  readonly #request: (n: number) => string
  readonly #free: Client[] = []
  readonly #accepted = openHistogram()
  readonly #turnedAway = openHistogram()
  #connections = 0
  #others = 0
  #unsent = 0
  #sent = 0

  constructor(port: number, request: (n: number) => string) {
    this.#port = port
    this.#request = request
  }

  /** Sends so many a second for so long; counts those who come after `fromMs`. */
  async run(perSecond: number, forMs: number, fromMs: number): Promise<RushOutcome> {
    const startedAt = performance.now()
    let due = 0
    await new Promise<void>((resolve) => {
      const timer = setInterval(() => {
        const elapsed = performance.now() - startedAt
        for (; due < (Math.min(elapsed, forMs) * perSecond) / 1_000; due++) {
          const intendedAt = startedAt + (due * 1_000) / perSecond
          this.#send(intendedAt, intendedAt - startedAt >= fromMs)
        }
        if (elapsed < forMs) return
        clearInterval(timer)
        resolve()
      }, LOOK_EVERY_MS)
    })
    return {
      accepted: latencyOf(this.#accepted),
      turnedAway: latencyOf(this.#turnedAway),
      others: this.#others,
      unsent: this.#unsent,
    }
  }

  close(): void {
    for (const client of this.#free) client.close()
  }

  #send(intendedAt: number, counts: boolean): void {
    const client = this.#free.pop() ?? this.#connect()
    if (client === null) {
      this.#unsent += 1
      return
    }
    client.send(this.#request(this.#sent++), (status) => {
      if (status !== null) this.#free.push(client)
      else this.#connections -= 1
      if (!counts) return
      const ms = performance.now() - intendedAt
      if (status === 202) recordMs(this.#accepted, ms)
      else if (status === 503) recordMs(this.#turnedAway, ms)
      else this.#others += 1
    })
  }

  #connect(): Client | null {
    if (this.#connections >= MAX_CONNECTIONS) return null
    this.#connections += 1
    return new Client(this.#port)
  }
}

type OnAnswer = (status: number | null) => void

class Client {
  readonly #socket: Socket
  #received = ''
  #onAnswer: OnAnswer | null = null

  constructor(port: number) {
    this.#socket = connect(port, '127.0.0.1')
    this.#socket.setNoDelay(true)
    this.#socket.setEncoding('latin1')
    this.#socket.on('data', (chunk) => {
      this.#received += String(chunk)
      if (!isWholeAnswer(this.#received)) return
      const status = Number(this.#received.slice(9, 12))
      this.#received = ''
      this.#answer(status)
    })
    this.#socket.on('error', () => this.#answer(null))
    this.#socket.on('close', () => this.#answer(null))
  }

  send(request: string, onAnswer: OnAnswer): void {
    this.#onAnswer = onAnswer
    this.#socket.write(request)
  }

  close(): void {
    this.#onAnswer = null
    this.#socket.destroy()
  }

  #answer(status: number | null): void {
    const onAnswer = this.#onAnswer
    this.#onAnswer = null
    onAnswer?.(status)
  }
}
