import { setTimeout as pause } from 'node:timers/promises'
import { Pool } from 'undici'
import { auditDatabase } from '@boxoffice/load-rig/audit.ts'
import { givenShowtimes } from '@boxoffice/load-rig/catalogue.ts'
import { latencyOf, openHistogram } from '@boxoffice/load-rig/latency.ts'
import { seatLabel } from '@boxoffice/load-rig/layout.ts'
import { startContender } from '../contenders.ts'
import { type BenchContext, processOptions } from '../context.ts'
import type { Figures } from '../figures.ts'
import { followStreams } from '../sse.ts'

const WATCHERS = { full: 2_000, quick: 100 }
const HALL = { rows: 20, seatsPerRow: 30 }
const BOOK_EVERY_MS = 100
const LAST_NEWS_WITHIN_MS = 5_000
const AIM_MS = 300

/** How long until everybody who watches a showtime knows that a seat is gone, counted from the request that takes it. */
export async function measureWatchers(context: BenchContext): Promise<Figures> {
  const { quick, measuredMs } = context.options
  const count = quick ? WATCHERS.quick : WATCHERS.full
  const bench = await context.stack.prepare('bench_watchers')
  try {
    const [showtimeId = ''] = await givenShowtimes(bench.database, HALL, 1)
    const running = await startContender('c', processOptions(context, bench, 'watchers'))
    const watching = new Pool(running.url, { connections: count, pipelining: 1, bodyTimeout: 0 })
    const booking = new Pool(running.url)
    const lag = openHistogram()
    /** When each seat was asked for, and how many have not heard of it. */
    const seats = new Map<string, { readonly sentMs: number; unaware: number }>()
    let informed = 0
    let booked = 0
    try {
      const hear = (event: string, data: string) => {
        const nowMs = performance.now()
        if (event === 'snapshot') informed++
        for (const [seat, state] of seats) {
          if (!data.includes(`"${seat}"`)) continue
          state.unaware--
          lag.recordValue(Math.round((nowMs - state.sentMs) * 1_000))
          if (state.unaware === 0) seats.delete(seat)
        }
      }
      const path = `/v1/showtimes/${showtimeId}/availability/stream`
      const stream = { path, token: null, onEvent: hear }
      const streams = followStreams(
        watching,
        Array.from({ length: count }, () => stream),
      )
      await Promise.race([streams.opened, running.failed])
      const tooEarly = streams.ended.then(() => {
        throw new Error('the streams have ended by themselves')
      })
      tooEarly.catch(() => {})
      while (informed < count) await Promise.race([pause(50), running.failed, tooEarly])
      context.say(`watchers: ${count} streams are open`)

      for (const endMs = performance.now() + measuredMs; performance.now() < endMs; booked++) {
        const seat = seatLabel(HALL, booked)
        seats.set(seat, { sentMs: performance.now(), unaware: count })
        await book(booking, context.tokens[0] ?? '', showtimeId, seat)
        await pause(BOOK_EVERY_MS)
      }
      for (const endMs = performance.now() + LAST_NEWS_WITHIN_MS; seats.size > 0 && performance.now() < endMs;) {
        await pause(20)
      }
    } finally {
      await Promise.all([watching.destroy(), booking.destroy()])
      await running.stop()
    }
    const { p50, p95, p99, max } = latencyOf(lag)
    const missed = [...seats.values()].reduce((sum, { unaware }) => sum + unaware, 0)
    return {
      title: `${count} watchers of one showtime`,
      about: ['from sending a booking request to the news of its seat at each watcher; deciding is in it'],
      header: ['', 'bookings', 'news', 'p50 ms', 'p95', 'p99', 'max'],
      rows: [['', String(booked), String(lag.totalCount), String(p50), String(p95), String(p99), String(max)]],
      aims: [{ what: 'p99 of the news, ms', value: p99, relation: 'under', aim: AIM_MS }],
      problems: [
        ...(missed > 0 ? [`${missed} news never came`] : []),
        ...(await auditDatabase(bench.database, { requestIds: [], booked, preallocated: 0 })),
      ],
    }
  } finally {
    await bench.drop()
  }
}

async function book(pool: Pool, token: string, showtimeId: string, seat: string): Promise<void> {
  const { statusCode, body } = await pool.request({
    method: 'POST',
    path: '/v1/booking-requests',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', prefer: 'wait=10' },
    body: JSON.stringify({
      resource: { type: 'showtime', id: showtimeId },
      seats: [seat],
      customer: { name: 'Ada Lovelace', email: 'ada@example.org' },
    }),
  })
  const { state } = (await body.json()) as { state?: string }
  if (state !== 'booked') throw new Error(`seat ${seat} was not booked: ${statusCode} ${state ?? ''}`)
}
