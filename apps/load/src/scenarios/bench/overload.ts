import { setTimeout as pause } from 'node:timers/promises'
import { givenEvent } from '../../catalogue/put-on-sale.ts'
import { CountedCrowd, rawBookingRequest } from '../../generator/counted-crowd.ts'
import { RawRush, type RushOutcome } from '../../generator/raw-rush.ts'
import { followLine } from '../../measure/line.ts'
import { API, startProcesses, WORKER } from '../../target/processes.ts'
import { verifyRun } from '../../verify/verify-run.ts'
import { type BenchContext, benchScenario, onFreshDatabase, type VerifiedRun } from './bench-context.ts'
import { mean, percentileCells, rounded } from './cells.ts'

const CAPACITY = 100_000_000
const TIMES = 3
const WAIT_S = 20
const FULL = { peakMs: 8_000, settleMs: 4_000, rushMs: 14_000, fromMs: 4_000 }
const QUICK: typeof FULL = { peakMs: 1_000, settleMs: 500, rushMs: 2_000, fromMs: 1_000 }
const AIMS = { goodput: 0.9, acceptP99Ms: 1_000, turnedAwayP99Ms: 100 }

interface OverloadRun {
  readonly round: number
  /** Decided a second for clients that send the next request as soon as they know the outcome of one. */
  readonly peak: number
  readonly rate: number
  readonly acceptedPerSecond: number
  readonly outcome: RushOutcome
  readonly verified: VerifiedRun
}

export const overload = benchScenario(
  'overload',
  'Three times as many booking requests as can be put in line: how many are, how soon, and how soon the others know.',
  async (context) => {
    const runs: OverloadRun[] = []
    for (let round = 1; round <= context.rounds; round++) runs.push(await runOnce(context, round))
    const accepted = Math.max(...runs.map(({ outcome }) => outcome.accepted.p99))
    const turnedAway = Math.max(...runs.map(({ outcome }) => outcome.turnedAway.p99))
    return {
      tables: [
        {
          title: 'Overload',
          about: [
            'one API process and one worker, one hot event',
            `peak: what ${context.clients} clients who wait for their outcomes have decided`,
            `then ${TIMES} times as many a second come, whatever the answers are, and ask for a place in line`,
          ],
          header: [
            '',
            'peak/s',
            'sent/s',
            '202/s',
            '202 p50',
            'p95',
            'p99 ms',
            '503',
            '503 p50',
            'p95',
            'p99 ms',
            'others',
            'unsent',
          ],
          rows: runs.map(({ round, peak, rate, acceptedPerSecond, outcome }) => [
            `round ${round}`,
            String(peak),
            String(rate),
            String(acceptedPerSecond),
            ...percentileCells(outcome.accepted),
            String(outcome.turnedAway.count),
            ...percentileCells(outcome.turnedAway),
            String(outcome.others),
            String(outcome.unsent),
          ]),
        },
      ],
      aims: [
        {
          what: 'goodput, of the peak',
          value: rounded(mean(runs.map((run) => run.acceptedPerSecond / run.peak))),
          relation: 'at least',
          aim: AIMS.goodput,
        },
        { what: 'p99 to 202, ms', value: accepted, relation: 'under', aim: AIMS.acceptP99Ms },
        { what: 'p99 to 503, ms', value: turnedAway, relation: 'under', aim: AIMS.turnedAwayP99Ms },
      ],
      runs: runs.map(({ verified }) => verified),
    }
  },
)

async function runOnce(context: BenchContext, round: number): Promise<OverloadRun> {
  const name = `overload_${round}`
  const { peakMs, settleMs, rushMs, fromMs } = context.quick ? QUICK : FULL
  return onFreshDatabase(context, name, async ({ database, options }) => {
    const sale = await givenEvent(database, CAPACITY)
    const running = await startProcesses(
      [
        { name: 'worker', path: WORKER },
        { name: 'api', path: API },
      ],
      options,
    )
    const port = Number(new URL(running.url).port)
    const requests = context.tokens.map((token) => rawBookingRequest(token, sale, 0))
    let peak: number
    let rate: number
    let outcome: RushOutcome
    try {
      const waiting = context.tokens.map((token) => rawBookingRequest(token, sale, WAIT_S))
      const crowd = new CountedCrowd(port, waiting)
      await Promise.race([pause(peakMs), running.failed])
      peak = Math.round(mean(crowd.bySecond.slice(Math.floor(peakMs / 2_000))))
      crowd.close()
      await Promise.race([pause(settleMs), running.failed])
      rate = Math.max(100, peak * TIMES)
      const rush = new RawRush(port, (n) => requests[n % requests.length] ?? '')
      outcome = await Promise.race([rush.run(rate, rushMs, fromMs), running.failed])
      rush.close()
      await followLine(database, running.failed)
    } finally {
      await running.stop()
    }
    const acceptedPerSecond = Math.round((outcome.accepted.count * 1_000) / (rushMs - fromMs))
    context.say(
      `overload, round ${round}: peak ${peak}/s; of ${rate}/s ${acceptedPerSecond}/s in line, p99 ${outcome.accepted.p99} ms; others told after ${outcome.turnedAway.p99} ms (p99)`,
    )
    const { checks, violations } = await verifyRun({ database, settleWithinMs: null })
    return { round, peak, rate, acceptedPerSecond, outcome, verified: { run: name, checks, violations } }
  })
}
