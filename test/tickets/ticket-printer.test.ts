import { readdirSync, readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openThread } from '@boxoffice/core/runtime/thread.ts'
import { renderTicketsPdf, type TicketDocument } from '@boxoffice/core/tickets/ticket-pdf.ts'
import { openTicketPrinter, type TicketPrinter } from '@boxoffice/core/tickets/ticket-printer.ts'
import { testLogger } from '../support/logger.ts'

let printer: TicketPrinter
beforeEach(() => {
  printer = openTicketPrinter(testLogger)
})
afterEach(() => printer.close())

const DOCUMENT: TicketDocument = {
  title: 'The Third Man',
  venue: 'Kino Astra',
  address: 'Ring 4, Vienna',
  auditorium: 'Saal 1',
  startsAt: new Date('2031-05-02T18:30:00Z'),
  endsAt: new Date('2031-05-02T20:15:00Z'),
  timeZone: 'Europe/Vienna',
  reference: 'K7WQ2MXT',
  buyer: 'Grace Hopper',
  organizer: 'Kino Astra',
  contact: null,
  bookedAt: new Date('2031-04-01T09:00:00Z'),
  currency: 'EUR',
  tickets: [1, 2].map((number) => ({
    token: `a.token.${number}`,
    place: { kind: 'seat', section: null, row: 'C', number: String(number), category: 'Stalls', rate: null },
    price: 1_150,
  })),
}

/** Returns the share of the time in which this process's event loop was busy. */
async function busyDuring(work: () => Promise<unknown>): Promise<number> {
  const before = performance.eventLoopUtilization()
  await work()
  return performance.eventLoopUtilization(before).utilization
}

const tenTimes = (print: (document: TicketDocument) => Promise<Buffer>) => () =>
  Promise.all(Array.from({ length: 10 }, () => print(DOCUMENT)))

/** Returns the niceness of each thread of this process: the 19th field of proc(5). */
function nicenesses(): number[] {
  return readdirSync('/proc/self/task').flatMap((thread) => {
    const stat = statOf(thread)
    return stat === undefined ? [] : Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16])
  })
}

/** Returns a thread's stat; `undefined` if it has ended since it was listed, as threads of earlier printers do. */
function statOf(thread: string): string | undefined {
  try {
    return readFileSync(`/proc/self/task/${thread}/stat`, 'utf8')
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes(String((error as NodeJS.ErrnoException).code))) return undefined
    throw error
  }
}

describe('a printer', () => {
  it('prints what is printed without it', async () => {
    expect(await printer.print(DOCUMENT)).toEqual(await renderTicketsPdf(DOCUMENT))
  })

  it('throws the same errors, and goes on', async () => {
    await expect(printer.print({ ...DOCUMENT, tickets: [] })).rejects.toThrow(RangeError)
    await expect(printer.print({ ...DOCUMENT, currency: 'XXX' })).rejects.toThrow('XXX')
    expect((await printer.print(DOCUMENT)).toString('latin1', 0, 5)).toBe('%PDF-')
  })

  it('leaves the event loop to others, which is busy without it: the control', async () => {
    expect(await busyDuring(tenTimes(renderTicketsPdf))).toBeGreaterThan(0.8)
    expect(await busyDuring(tenTimes((document) => printer.print(document)))).toBeLessThan(0.4)
  })

  it('prints in the order it is asked, however much comes in meanwhile', async () => {
    const order: number[] = []
    const printed = Array.from({ length: 6 }, (_, index) => printer.print(DOCUMENT).then(() => order.push(index)))
    void printed[0]?.then(() => printed.push(printer.print(DOCUMENT).then(() => order.push(6))))
    await Promise.all(printed)
    await Promise.all(printed)
    expect(order).toEqual([0, 1, 2, 3, 4, 5, 6])
  })

  it('gives up what takes too long, and goes on with those behind it', async () => {
    const impatient = openTicketPrinter(testLogger, 5_000)
    try {
      await impatient.print(DOCUMENT)
      const tickets = Array.from({ length: 10_000 }, () => DOCUMENT.tickets).flat()
      const tooLarge = impatient.print({ ...DOCUMENT, tickets }).catch((error: unknown) => error)
      const behind = [1, 2, 3].map(() => impatient.print(DOCUMENT))
      expect(await tooLarge).toMatchObject({ name: 'AbortError' })
      for (const pdf of await Promise.all(behind)) expect(pdf.toString('latin1', 0, 5)).toBe('%PDF-')
    } finally {
      await impatient.close()
    }
  })

  const many = (tickets: number) => ({
    ...DOCUMENT,
    tickets: Array.from({ length: tickets / 2 }, () => DOCUMENT.tickets).flat(),
  })

  it('keeps those who have few tickets waiting behind one who has many, with one line for all: the control', async () => {
    const order: string[] = []
    const thread = openThread<TicketDocument, Uint8Array>({
      file: new URL('../../packages/core/src/tickets/ticket-pdf.ts', import.meta.url),
      name: 'renderTicketsPdf',
      withinMs: 60_000,
      oldGenerationMb: 96,
      youngGenerationMb: 8,
      logger: testLogger,
    })
    try {
      const large = thread.run(many(200)).then(() => order.push('large'))
      await Promise.all([large, thread.run(DOCUMENT).then(() => order.push('small'))])
      expect(order).toEqual(['large', 'small'])
    } finally {
      await thread.close()
    }
  })

  it('keeps nobody who has few tickets waiting behind one who has many', { timeout: 60_000 }, async () => {
    await printer.print(DOCUMENT)
    const order: string[] = []
    const large = printer.print(many(400)).then(() => order.push('large'))
    const small = [1, 2, 3].map(() => printer.print(DOCUMENT).then(() => order.push('small')))
    await Promise.all([large, ...small])
    expect(order).toEqual(['small', 'small', 'small', 'large'])
  })

  it('steps back where the processors are busy', async () => {
    const before = Math.max(...nicenesses())
    await printer.print(DOCUMENT)
    expect(Math.max(...nicenesses())).toBe(Math.min(before + 10, 19))
  })

  it('tells those who wait when it is closed', async () => {
    await printer.print(DOCUMENT)
    const ended = Promise.allSettled([1, 2, 3].map(() => printer.print(DOCUMENT)))
    await new Promise((resolve) => setImmediate(resolve))
    await printer.close()
    expect((await ended).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
    await expect(printer.print(DOCUMENT)).rejects.toThrow('closed')
  })
})
