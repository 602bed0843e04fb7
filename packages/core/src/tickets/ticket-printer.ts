import { access } from 'node:fs/promises'
import { Piscina } from 'piscina'
import type { Logger } from '../logger.ts'
import type { renderTicketsPdf, TicketDocument } from './ticket-pdf.ts'

/** Prints tickets without keeping anything else in the process waiting. */
export interface TicketPrinter {
  /**
   * A PDF; see `renderTicketsPdf`, whose errors it throws. One after the other, in the order they are asked for. Throws too
   * where it takes too long, the thread has run out of memory or cannot be started, and once it is closed.
   */
  print(document: TicketDocument): Promise<Buffer>
  /** Whoever still waits gets an error. */
  close(): Promise<void>
}

const RENDERER = new URL('ticket-pdf.ts', import.meta.url)

/** So that a start or a quiet hour pays for no thread. */
const IDLE_MS = 30_000

/** Far less than a mail is this process's to send. */
const PRINT_WITHIN_MS = 60_000

/** Enough for a booking of some hundred tickets; without a limit the thread grows to hundreds of megabytes of garbage. */
const LIMITS = { maxOldGenerationSizeMb: 96, maxYoungGenerationSizeMb: 8 }

/** Deciding, answering and the database come first where the processors are busy. Linux knows it by thread. */
const NICE = 10

/**
 * A printer with a thread of its own. A PDF takes some 50 ms of the processor: on the event loop that decides lanes, a
 * rush of confirmations, each with its mail, takes nearly all of it. Each may take `withinMs`.
 */
export function openTicketPrinter(logger: Logger, withinMs: number = PRINT_WITHIN_MS): TicketPrinter {
  const pool = new Piscina<TicketDocument, Awaited<ReturnType<typeof renderTicketsPdf>>>({
    filename: RENDERER.href,
    name: 'renderTicketsPdf',
    minThreads: 0,
    maxThreads: 1,
    idleTimeout: IDLE_MS,
    resourceLimits: LIMITS,
    ...(process.platform === 'linux' && { niceIncrement: NICE }),
  })
  // Of a thread that could not be started; what it was to print ends by its time limit.
  pool.on('error', (error: unknown) => logger.error({ err: error }, 'tickets could not be printed'))
  // The threads for files and cryptography, which all share, step back as far as whoever makes Node start them.
  const sharedThreads = access(RENDERER)
  sharedThreads.catch(() => {})
  let closed = false
  let last: Promise<unknown> = sharedThreads
  const printOne = async (document: TicketDocument) => {
    // A closed pool would begin anew.
    if (closed) throw new Error('The printer is closed.')
    const { buffer, byteOffset, byteLength } = await pool.run(document, {
      signal: AbortSignal.timeout(withinMs),
    })
    return Buffer.from(buffer, byteOffset, byteLength)
  }
  return {
    // The pool's own queue keeps no order, and loses whoever waits in it when a thread dies: it never gets more than one.
    print: (document) => {
      const printed = last.catch(() => {}).then(() => printOne(document))
      last = printed
      return printed
    },
    close: () => {
      closed = true
      return pool.destroy()
    },
  }
}
