import { auditDatabase } from '@boxoffice/load-rig/audit.ts'
import { givenEvent } from '@boxoffice/load-rig/catalogue.ts'
import { startContender } from '../../contenders.ts'
import { type BenchContext, processOptions } from '../../context.ts'
import { driveLoad, type Phase } from '../../drive-load.ts'
import { followDrain } from '../../lane-progress.ts'
import type { LoadPlan } from '../../load-plan.ts'
import type { Disturbance } from './disturbance.ts'

/** Far more than is decided; the tickets must not run out while it is measured. */
const MAX_BOOKINGS_PER_SECOND = 15_000

export interface BesideRun {
  readonly decidedPerSecond: number
  readonly p99: number
  readonly remark: string
  readonly problems: readonly string[]
}

/** The rate of one hot event over HTTP, beside a disturbance. */
export async function runBeside(context: BenchContext, disturbance: Disturbance, name: string): Promise<BesideRun> {
  const { stack } = context
  const bench = await stack.prepare(`bench_${name}`)
  try {
    const plan = await planFor(context, (capacity) => givenEvent(bench.database, capacity))
    const ongoing = await disturbance.begin({ context, bench })
    let measuredUntilMs = 0
    const onPhase = (phase: Phase) => {
      if (phase === 'measuring') return ongoing.measuring?.()
      measuredUntilMs = performance.now()
      return ongoing.measured?.()
    }
    const drive = async () => {
      const running = await startContender('c', processOptions(context, bench, name))
      try {
        await ongoing.ready?.(running)
        const watched = [...running.watched, ...stack.watched]
        const { result } = await driveLoad({ ...plan, url: running.url }, watched, running.failed, onPhase)
        await followDrain(bench.database, running.failed)
        const catchingUpMs = performance.now() - measuredUntilMs
        const ending = (await ongoing.end?.(running)) ?? { remark: '', problems: [] }
        return { result, catchingUpMs, ending }
      } finally {
        await running.stop()
      }
    }
    let driven: Awaited<ReturnType<typeof drive>>
    try {
      driven = await drive()
    } finally {
      await ongoing.release?.()
    }
    const { result, catchingUpMs, ending } = driven

    const measuredMs = result.measuredMs + (disturbance.countsCatchingUp ? catchingUpMs : 0)
    const remarks = [
      ending.remark,
      disturbance.countsCatchingUp ? `caught up ${Math.round(catchingUpMs)} ms after the measured time` : '',
      result.accepted === 0 ? '' : `${result.accepted} outcomes not awaited`,
    ]
    const { requestIds, booked, errors, errorSamples } = result
    return {
      decidedPerSecond: Math.round(result.answered / (measuredMs / 1_000)),
      p99: result.latency.p99,
      remark: remarks.filter((remark) => remark !== '').join('; '),
      problems: [
        ...ending.problems,
        ...(errors === 0 ? [] : [`${errors} requests failed: ${errorSamples.join(' | ')}`]),
        ...(await auditDatabase(bench.database, { requestIds, booked, preallocated: 0 })),
      ].map((problem) => `${disturbance.name}: ${problem}`),
    }
  } finally {
    await bench.drop()
  }
}

async function planFor(
  { options, tokens }: BenchContext,
  put: (capacity: number) => ReturnType<typeof givenEvent>,
): Promise<Omit<LoadPlan, 'url'>> {
  const { clients, warmUpMs, measuredMs, perBooking } = options
  const seconds = (warmUpMs + measuredMs) / 1_000 + 1
  const event = await put(Math.ceil(seconds * MAX_BOOKINGS_PER_SECOND * perBooking))
  return {
    clients,
    tokens,
    warmUpMs,
    measuredMs,
    until: 'outcome',
    probeEveryMs: null,
    target: { kind: 'event', ...event, quantity: perBooking },
  }
}
