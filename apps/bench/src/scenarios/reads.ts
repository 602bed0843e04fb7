import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { auditDatabase } from '@boxoffice/load-rig/audit.ts'
import { givenShowtimes } from '@boxoffice/load-rig/catalogue.ts'
import { startChild } from '@boxoffice/load-rig/child-process.ts'
import { seatLabel } from '@boxoffice/load-rig/layout.ts'
import { startContender } from '../contenders.ts'
import { type BenchContext, processOptions } from '../context.ts'
import type { Figures } from '../figures.ts'
import type { ReadPlan, ReadResult } from '../read-load.ts'

const READ_PROCESS = fileURLToPath(new URL('../read-process.ts', import.meta.url))
const HALL = { rows: 15, seatsPerRow: 20 }
/** Somebody books while others look: once a second the answer is another one. */
const BOOK_EVERY_MS = 1_000
const AIM = 8_000

/** How often one API process answers who has seen the newest availability already, while it changes now and then. */
export async function measureReads(context: BenchContext): Promise<Figures> {
  const { clients, warmUpMs, measuredMs, rounds } = context.options
  const rows: string[][] = []
  const rates: number[] = []
  const problems: string[] = []
  for (let round = 1; round <= rounds; round++) {
    const bench = await context.stack.prepare(`bench_reads_${round}`)
    try {
      const [showtimeId = ''] = await givenShowtimes(bench.database, HALL, 1)
      const running = await startContender('c', processOptions(context, bench, `reads_${round}`))
      const load = startChild({ name: 'the reading process', args: [READ_PROCESS] })
      let booked = 0
      try {
        const plan: ReadPlan = {
          url: running.url,
          path: `/v1/showtimes/${showtimeId}/availability`,
          clients,
          warmUpMs,
          measuredMs,
        }
        const done = once(load.process, 'message').then(([result]) => result as ReadResult)
        load.process.send(plan)
        const state = { over: false }
        const booking = bookNowAndThen(context, running.url, showtimeId, state)
        const result = await Promise.race([done, load.failed, running.failed]).finally(() => (state.over = true))
        booked = await booking
        const rate = Math.round(result.answered / (measuredMs / 1_000))
        rates.push(rate)
        problems.push(...result.problems)
        const { p50, p99 } = result.latency
        rows.push([
          `round ${round}`,
          String(rate),
          `${((result.unchanged / Math.max(1, result.answered)) * 100).toFixed(2)} %`,
          String(p50),
          String(p99),
        ])
        context.say(`reads, round ${round}: ${rate}/s, p99 ${p99} ms`)
      } finally {
        await load.stop()
        await running.stop()
      }
      problems.push(...(await auditDatabase(bench.database, { requestIds: [], booked, preallocated: 0 })))
    } finally {
      await bench.drop()
    }
  }
  return {
    title: 'Availability reads',
    about: [`${clients} clients with If-None-Match, one API process, a booking every ${BOOK_EVERY_MS} ms beside them`],
    header: ['', 'answers/s', '304', 'p50 ms', 'p99 ms'],
    rows,
    aims: [{ what: 'answers/s', value: Math.max(...rates), relation: 'at least', aim: AIM }],
    problems,
  }
}

/** Books one seat after the other until it is over. Returns how many were booked. */
async function bookNowAndThen(
  { tokens }: BenchContext,
  url: string,
  showtimeId: string,
  state: { readonly over: boolean },
): Promise<number> {
  let booked = 0
  while (!state.over) {
    const response = await fetch(`${url}/v1/booking-requests`, {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${tokens[0] ?? ''}`,
        'Content-Type': 'application/json',
        Prefer: 'wait=10',
      },
      body: JSON.stringify({
        resource: { type: 'showtime', id: showtimeId },
        seats: [seatLabel(HALL, booked)],
        customer: { name: 'Ada Lovelace', email: 'ada@example.org' },
      }),
    })
    const { state: outcome } = (await response.json()) as { state?: string }
    if (outcome !== 'booked') throw new Error(`a seat was not booked but answered ${response.status} ${outcome ?? ''}`)
    booked++
    await pause(BOOK_EVERY_MS)
  }
  return booked
}
