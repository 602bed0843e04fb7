import { fillForEvent } from '../../catalogue/fill-line.ts'
import { rateOf, windowBetween } from '../../measure/line.ts'
import { API, startProcesses } from '../../target/processes.ts'
import { verifyRun } from '../../verify/verify-run.ts'
import { type BenchContext, onFreshDatabase, type VerifiedRun } from './bench-context.ts'
import { drainLine } from './drain-line.ts'
import { followLastRequests } from './line-over-http.ts'

export interface StreamsRun {
  readonly decidedPerSecond: number
  readonly remark: string
  readonly verified: VerifiedRun
}

export interface StreamsSize {
  readonly requests: number
  readonly streams: number
}

/** Measures how fast a line is drained while its last requests are followed; `streams` may be none. */
export function drainBesideStreams(
  context: BenchContext,
  { requests, streams: count }: StreamsSize,
  name: string,
): Promise<StreamsRun> {
  return onFreshDatabase(context, name, async (fresh) => {
    const { database, options } = fresh
    await fillForEvent(database, requests)
    const api = await startProcesses([{ name: 'api', path: API }], options)
    try {
      // The worker starts last: nobody is decided before everybody watches.
      const streams = await followLastRequests(context, api, database, { count })
      try {
        const { seen } = await drainLine(context, fresh, name, { failed: api.failed })
        await Promise.race([streams.ended, api.failed])
        const events = streams.events()
        const { checks, violations } = await verifyRun({ database, bookings: requests, settleWithinMs: null })
        const run = `position streams, ${count}`
        return {
          decidedPerSecond: Math.round(rateOf(windowBetween(seen, 0, requests))),
          remark: count === 0 ? '' : `${streams.opened} open, ${events} events sent`,
          verified: {
            run,
            checks,
            violations: [...(count === 0 || events > 0 ? [] : ['the streams told nothing']), ...violations],
          },
        }
      } finally {
        await streams.close()
      }
    } finally {
      await api.stop()
    }
  })
}
