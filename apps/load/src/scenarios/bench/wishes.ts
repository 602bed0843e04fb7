import { fillForShowtime, type SeatWish, turnAutovacuumOff } from '../../catalogue/fill-line.ts'
import { seatCount } from '../../catalogue/hall.ts'
import { rateOf, windowBetween } from '../../measure/line.ts'
import { verifyRun } from '../../verify/verify-run.ts'
import { type BenchContext, benchScenario, onFreshDatabase, type VerifiedRun } from './bench-context.ts'
import { PROCESS_HEADER, processCells, rounded } from './cells.ts'
import { type Drained, drainLine } from './drain-line.ts'

const HALL = { rows: 100, seatsPerRow: 200 }
const QUICK_HALL = { rows: 10, seatsPerRow: 40 }

/** Part of the house that is sold: the last seats of a house are another story. */
const SOLD = 0.9

const AIM = 0.7

interface WishRun extends Drained {
  readonly wish: SeatWish
  readonly decidedPerSecond: number
  readonly verified: VerifiedRun
}

export const wishes = benchScenario(
  'wishes',
  'How fast one worker decides requests for the best two seats of a large house, beside requests that name their seats.',
  async (context) => {
    const runs: WishRun[] = []
    for (let round = 0; round < context.rounds; round += 1) {
      for (const wish of ['named', 'best'] as const) runs.push(await runOnce(context, wish, round + 1))
    }
    const hall = context.quick ? QUICK_HALL : HALL
    const rates = (wish: SeatWish) => runs.filter((run) => run.wish === wish).map((run) => run.decidedPerSecond)
    const [named, best] = [rates('named'), rates('best')]
    const ratios = best.map((rate, index) => rounded(rate / (named[index] ?? Number.NaN)))
    const table = {
      title: 'Wishes',
      about: [
        `two seats each of one showtime of ${seatCount(hall)} seats, of which ${SOLD} are sold, by one worker`,
        'named: seats that nobody else asks for; best: those that the house chooses',
      ],
      header: ['', 'decided/s', ...PROCESS_HEADER],
      rows: runs.map((run) => [run.wish, String(run.decidedPerSecond), ...processCells(run.processes)]),
    }
    return {
      tables: [table, ...runs.flatMap(({ timeSpent }) => timeSpent)],
      aims: [{ what: 'rate of best / named, the worst', value: Math.min(...ratios), relation: 'at least', aim: AIM }],
      runs: runs.map(({ verified }) => verified),
    }
  },
)

async function runOnce(context: BenchContext, wish: SeatWish, round: number): Promise<WishRun> {
  const hall = context.quick ? QUICK_HALL : HALL
  const requests = Math.floor((seatCount(hall) * SOLD) / 2)
  return onFreshDatabase(context, `wishes_${wish}_${round}`, async (fresh) => {
    const { database } = fresh
    await turnAutovacuumOff(database)
    await fillForShowtime(database, { requests, hall, wish })
    const drained = await drainLine(context, fresh, `wishes, ${wish}`)
    const decidedPerSecond = Math.round(rateOf(windowBetween(drained.seen, 0, requests)))
    context.say(`wishes, ${wish}: ${decidedPerSecond} decided/s`)
    const verified = await verifyRun({ database, bookings: requests, preallocated: 0, settleWithinMs: null })
    return { ...drained, wish, decidedPerSecond, verified: { run: `${wish} ${round}`, ...verified } }
  })
}
