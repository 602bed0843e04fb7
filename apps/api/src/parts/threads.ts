import type { Logger } from '@boxoffice/core/runtime/logger.ts'
import { openTicketPrinter, type TicketPrinter } from '@boxoffice/core/tickets/ticket-printer.ts'
import { openSeatingReader, type SeatingReader } from '../seating/seating-reader.ts'

/** Work that would block the event loop, done by threads. */
export interface Threads {
  readonly printer: TicketPrinter
  readonly seating: SeatingReader
}

/** Opens the threads. */
export function openThreads(parts: AsyncDisposableStack, logger: Logger): Threads {
  const printer = openTicketPrinter(logger)
  const seating = openSeatingReader(logger)
  parts.defer(async () => {
    await Promise.all([printer.close(), seating.close()])
  })
  return { printer, seating }
}
