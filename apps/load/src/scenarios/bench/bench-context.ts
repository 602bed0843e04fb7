import type { Database } from '@boxoffice/core/db/connect.ts'
import type { Hall } from '../../catalogue/hall.ts'
import type { Aim, Measured, Table, Verification } from '../../results/results.ts'
import { killChildren } from '../../target/child-process.ts'
import { CONTENDERS, type Contender } from '../../target/contenders.ts'
import { processOptions } from '../../target/embedded.ts'
import { JWT_SECRET, type ProcessOptions } from '../../target/processes.ts'
import type { Embedded } from '../../target/target.ts'
import { signCustomers, type SignToken, tokenSigner } from '../../target/tokens.ts'
import { mergeVerifications } from '../../verify/verify-run.ts'
import type { RunContext, Scenario } from '../scenario.ts'

const FULL = {
  durationMs: 10_000,
  warmUpMs: 15_000,
  clients: 200,
  rounds: 2,
  hall: { rows: 200, seatsPerRow: 300 },
  backlog: { requests: 300_000, hall: { rows: 520, seatsPerRow: 500 }, taken: 160_000 },
}
const QUICK: typeof FULL = {
  durationMs: 1_000,
  warmUpMs: 500,
  clients: 20,
  rounds: 1,
  hall: { rows: 40, seatsPerRow: 100 },
  backlog: { requests: 10_000, hall: { rows: 100, seatsPerRow: 100 }, taken: 5_000 },
}

/** Everything that the benchmark's scenarios need. */
export interface BenchContext {
  readonly embedded: Embedded
  /** Everything is small: it shows that it works, and measures nothing. */
  readonly quick: boolean
  /** Length of the measured time. */
  readonly durationMs: number
  readonly warmUpMs: number
  readonly clients: number
  readonly rounds: number
  readonly contenders: readonly Contender[]
  /** The hall of the hot showtime. */
  readonly hall: Hall
  readonly backlog: Backlog
  readonly seed: number
  /** Tokens of customers, one per client. */
  readonly tokens: readonly string[]
  readonly sign: SignToken
  /** Says what is going on, for a person who waits. */
  say(text: string): void
}

export interface Backlog {
  readonly requests: number
  readonly hall: Hall
  /** Seats that are taken in each showtime before the drain. */
  readonly taken: number
}

/** The outcome of a scenario of the benchmark. */
export interface Figures {
  readonly tables: readonly Table[]
  readonly aims: readonly Aim[]
  readonly runs: readonly VerifiedRun[]
}

/** The verification of one run. */
export type VerifiedRun = Verification & { readonly run: string }

const NO_LATENCY = { count: 0, mean: 0, p50: 0, p95: 0, p99: 0, max: 0 }
const QUICK_SCALE = 0.02

/** Makes a scenario that makes many runs on servers of our own, and puts their figures into tables. */
export function benchScenario(
  name: string,
  about: string,
  measure: (context: BenchContext) => Promise<Figures>,
): Scenario {
  return {
    name,
    about,
    usual: null,
    measure: async (run) => {
      const context = await contextOf(run)
      // Its runs are not ended in order: whatever they have started is killed.
      const interrupted = run.interrupted.catch((error: unknown) => {
        killChildren()
        throw error
      })
      const { tables, aims, runs } = await Promise.race([measure(context), interrupted])
      const { durationMs, warmUpMs, clients, rounds, quick } = context
      return {
        size: { rate: null, durationMs, warmUpMs, clients, rounds, scale: quick ? QUICK_SCALE : 1 },
        ...NO_CROWD,
        tables,
        aims,
        verification: mergeVerifications(runs),
      }
    },
  }
}

const NO_CROWD = {
  outcome: { streams: [], ticks: [], watchers: null, lag: NO_LATENCY, ownLag: NO_LATENCY },
  samples: [],
  processes: [],
  decidedPerSecond: null,
  acceptedPerSecond: null,
  seatMap: null,
  disk: null,
} as const satisfies Partial<Measured>

async function contextOf({ target, asked, say }: RunContext): Promise<BenchContext> {
  if (target.embedded === null) throw new Error('the benchmark runs on servers of its own')
  const { scale = 1, contenders = CONTENDERS, seed, requests, rate: _, ...size } = asked
  const defaults = scale < 1 ? QUICK : FULL
  const sign = tokenSigner(JWT_SECRET)
  const clients = size.clients ?? defaults.clients
  return {
    ...defaults,
    ...size,
    embedded: target.embedded,
    quick: scale < 1,
    clients,
    contenders,
    backlog: { ...defaults.backlog, ...(requests !== undefined && { requests }) },
    seed,
    tokens: await signCustomers(sign, clients),
    sign,
    say,
  }
}

/** A database of one run, and what its processes are started with. */
export interface RunDatabase {
  readonly database: Database
  readonly options: ProcessOptions
}

/** Runs on a fresh database, which is dropped afterwards. `name` is the run's, of letters and underscores. */
export async function onFreshDatabase<T>(
  { embedded }: BenchContext,
  name: string,
  run: (fresh: RunDatabase) => Promise<T>,
): Promise<T> {
  const { database, url, drop } = await embedded.servers.prepare(`load_${name}`)
  try {
    return await run({ database, options: processOptions(embedded, url, name) })
  } finally {
    await drop()
  }
}
