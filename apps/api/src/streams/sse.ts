import type { ServerResponse } from 'node:http'
import { setImmediate as letOthersRun } from 'node:timers/promises'

const HEARTBEAT_MS = 15_000

/** Others have their turn after so many. */
const BEATEN_AT_ONCE = 200

/** A stream is closed when its client reads nothing for as long as this many heartbeats take. */
const STALLED_HEARTBEATS = 6

/** A consumer that lets more than this pile up is dropped: it connects again and gets a fresh state. */
const MAX_BUFFERED_BYTES = 262_144

/** One open stream of server-sent events (WHATWG HTML section 9.2). */
export interface EventStream {
  /** Sends one event. `data` becomes JSON on one line. Does nothing once the stream is closed. */
  send(event: string, data: unknown, id?: number): void
  /** The same with `json` that was serialised before, on one line: for what goes to many streams, and is not copied. */
  sendJson(event: string, json: Buffer, id: string): void
  /** Ends the stream after what was sent. */
  end(): void
  /** Calls back once, when either side has closed the stream. */
  onClose(listener: () => void): void
}

/** The open streams of a process: one heartbeat for all of them, and one way to end them all. */
export class EventStreams {
  readonly #open = new Set<ServerResponse>()
  readonly #heartbeat: NodeJS.Timeout
  readonly #heartbeatMs: number

  constructor(heartbeatMs: number = HEARTBEAT_MS) {
    this.#heartbeatMs = heartbeatMs
    // A comment now and then keeps proxies from closing a quiet stream. A client that has not read what was sent before
    // gets none: it would only hide that nothing is read.
    this.#heartbeat = setInterval(() => {
      void this.#beat()
    }, heartbeatMs)
    this.#heartbeat.unref()
  }

  async #beat(): Promise<void> {
    let beaten = 0
    for (const response of this.#open) {
      if (response.writableLength === 0) write(response, ':\n\n')
      beaten += 1
      if (beaten % BEATEN_AT_ONCE === 0) await letOthersRun()
    }
  }

  /** Returns the number of open streams. */
  get size(): number {
    return this.#open.size
  }

  /** Answers with an event stream. Nothing may have been written to the response yet. */
  open(response: ServerResponse): EventStream {
    response.statusCode = 200
    response.setHeader('Content-Type', 'text/event-stream')
    // Neither stored nor compressed on the way: compression would hold events back (nginx asks for its own header).
    response.setHeader('Cache-Control', 'no-cache, no-transform')
    response.setHeader('X-Accel-Buffering', 'no')
    response.flushHeaders()
    // A client that left while its request was looked at has been closed already, and no event would say so again.
    // Who asks with HEAD has all it wanted.
    if (response.req.method === 'HEAD') response.end()
    else if (!response.closed) {
      this.#open.add(response)
      response.setTimeout(STALLED_HEARTBEATS * this.#heartbeatMs)
      response.once('close', () => this.#open.delete(response))
    }
    return {
      send: (event, data, id) => {
        write(response, `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
      },
      sendJson: (event, json, id) => {
        write(response, `id: ${id}\nevent: ${event}\ndata: `, json, '\n\n')
      },
      end: () => {
        response.end()
      },
      onClose: (listener) => {
        if (response.closed) listener()
        else response.once('close', listener)
      },
    }
  }

  /** Ends every stream; their clients connect again, elsewhere. */
  close(): void {
    clearInterval(this.#heartbeat)
    for (const response of this.#open) response.end()
  }
}

function write(response: ServerResponse, ...parts: readonly (string | Buffer)[]): void {
  if (response.writableEnded || response.destroyed) return
  // Judged by what earlier turns left behind. What is written in this turn is still corked, whoever reads it: the
  // snapshot of a stadium is larger than the limit and must get through.
  const corked = (response.socket?.writableCorked ?? 0) > 0
  if (!corked && response.writableLength > MAX_BUFFERED_BYTES) response.destroy()
  else for (const part of parts) response.write(part)
}
