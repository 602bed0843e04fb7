import type { Logger } from '../runtime/logger.ts'
import { openThread } from '../runtime/thread.ts'
import type { renderTicketsPdf, TicketDocument } from './ticket-pdf.ts'

/** Prints tickets without keeping anything else in the process waiting. */
export interface TicketPrinter {
  /**
   * A PDF; see `renderTicketsPdf`, whose errors it throws. One after the other, in the order they are asked for; those of
   * many tickets have a line of their own. Throws too where it takes too long, the thread has run out of memory or cannot be
   * started, and once it is closed.
   */
  print(document: TicketDocument): Promise<Buffer>
  /** Closes the printer. Calls that still wait reject. */
  close(): Promise<void>
}

/** A document of more tickets than this is printed by another thread: it may take a minute, and nobody waits behind it. */
export const MAX_SMALL_DOCUMENT = 20

const RENDERER = new URL('ticket-pdf.ts', import.meta.url)

/** Twenty times what it takes: a thread that steps back gets a tenth of a processor that others keep busy. */
const FEW_WITHIN_MS = 60_000
const MANY_WITHIN_MS = 180_000

/** Three times what 1,000 tickets need; half of that for bookings of few. */
const SMALL_MB = 96
const LARGE_MB = 192

/**
 * Opens a printer with threads of its own. A PDF takes some 50 ms of the processor: on the event loop that decides
 * lines, a rush of confirmations, each with its mail, would take nearly all of it. Each may take `withinMs`, if given.
 */
export function openTicketPrinter(logger: Logger, withinMs?: number): TicketPrinter {
  const open = (oldGenerationMb: number, usualMs: number) =>
    openThread<TicketDocument, Awaited<ReturnType<typeof renderTicketsPdf>>>({
      file: RENDERER,
      name: 'renderTicketsPdf',
      withinMs: withinMs ?? usualMs,
      oldGenerationMb,
      youngGenerationMb: 8,
      logger,
    })
  const small = open(SMALL_MB, FEW_WITHIN_MS)
  const large = open(LARGE_MB, MANY_WITHIN_MS)
  return {
    print: async (document) => {
      const thread = document.tickets.length > MAX_SMALL_DOCUMENT ? large : small
      const { buffer, byteOffset, byteLength } = await thread.run(document)
      return Buffer.from(buffer, byteOffset, byteLength)
    },
    close: async () => {
      await Promise.all([small.close(), large.close()])
    },
  }
}
