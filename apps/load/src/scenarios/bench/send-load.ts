import type { GeneratorOutcome, Phase } from '../../generator/outcome.ts'
import type { LoadPlan } from '../../generator/plan.ts'
import { startGenerator } from '../../generator/start-generator.ts'
import { beginCosts } from '../../measure/process-costs.ts'
import type { ProcessCost, StreamOutcome } from '../../results/results.ts'
import type { RunningProcesses } from '../../target/processes.ts'
import type { BenchContext } from './bench-context.ts'
import type { Ongoing } from './disturbances/disturbance.ts'

/** Longer than the longest wait for an outcome. */
const GRACE_MS = 35_000
/** Connections for what comes beside the clients, so that it never waits for one of theirs. */
const CONNECTIONS_BESIDE = 100

export interface SentLoad {
  readonly outcome: GeneratorOutcome
  /** The costs of processes in the measured time. */
  readonly processes: readonly ProcessCost[]
  /** The end of the measured time, on the monotonic clock. */
  readonly measuredUntilMs: number
}

/** Sends load at processes that are ready. Resolves when everybody has an answer, and the generator is gone. */
export async function sendLoad(
  { durationMs, warmUpMs, clients, seed, tokens, embedded }: BenchContext,
  running: RunningProcesses,
  wanted: Pick<LoadPlan, 'streams' | 'watchers'>,
  ongoing: Pick<Ongoing, 'measuring' | 'measured'> = {},
): Promise<SentLoad> {
  const measured = { fromMs: warmUpMs, untilMs: warmUpMs + durationMs }
  let endCosts: () => readonly ProcessCost[] = () => []
  let processes: readonly ProcessCost[] = []
  let measuredUntilMs = 0
  const onPhase = (phase: Phase) => {
    if (phase === 'measuring') {
      endCosts = beginCosts([...running.watched, ...embedded.servers.watched, generator.watched])
      ongoing.measuring?.()
    } else {
      processes = endCosts()
      measuredUntilMs = performance.now()
      ongoing.measured?.()
    }
  }
  const plan = {
    customers: tokens,
    ...wanted,
    url: running.url,
    durationMs: measured.untilMs,
    measured,
    graceMs: GRACE_MS,
    clients: clients + CONNECTIONS_BESIDE,
    seed,
  }
  const generator = startGenerator(plan, { onPhase })
  try {
    const outcome = await Promise.race([generator.outcome, generator.failed, running.failed])
    return { outcome, processes, measuredUntilMs }
  } finally {
    await generator.stop()
  }
}

/** Answers that clients of the benchmark expect: of them nobody is turned away. */
const EXPECTED = new Set(['200', '202', '304', '409'])

/** Returns a sentence for each failure that a stream has met; statuses matter where it is a client of the benchmark. */
export function failuresOf({ name, statuses, errors, errorSamples }: StreamOutcome, isClient: boolean): string[] {
  const others = Object.entries(statuses).filter(([status]) => isClient && !EXPECTED.has(status))
  return [
    ...others.map(([status, count]) => `${name}: ${count} requests were answered ${status}`),
    ...(errors === 0 ? [] : [`${name}: ${errors} requests failed, such as: ${errorSamples.join(' | ')}`]),
  ]
}
