import { z } from 'zod'

/**
 * The one format of results: what is kept as JSON, read back for a comparison, and drawn. A scenario that sends one crowd
 * fills in `outcome` and what was sampled beside it; one that makes many runs fills in `tables` and `aims`.
 */

/** Type as it is inferred, but read-only all the way down. */
type Immutable<T> = { readonly [Key in keyof T]: Immutable<T[Key]> }

const count = z.number().min(0)
const counts = z.record(z.string(), count)

/** Milliseconds. */
const latency = z.object({ count, mean: count, p50: count, p95: count, p99: count, max: count })

const stream = z.object({
  name: z.string(),
  headline: z.boolean(),
  intended: count,
  sent: count,
  /** Intended, but every client was busy until the end. */
  unsent: count,
  /** Answers by status, such as `{"202": 5000, "429": 3}`; `0` counts broken connections. */
  statuses: counts,
  booked: count,
  /** Refusals by problem code. */
  refused: counts,
  /** Accepted and followed, and without an outcome when the run was over. */
  undecided: count,
  /** Neither an expected answer nor a refusal, with a few samples. */
  errors: count,
  errorSamples: z.array(z.string()),
  /** Time from the intended time to the 202 (or, for reading, to the whole answer). */
  accept: latency,
  /** Time from the 202 to the outcome. */
  decide: latency,
  /** Time from the intended time to the outcome. */
  total: latency,
  /** Percentile curve of `total` (of `accept` where nothing is awaited): pairs of percentile and milliseconds. */
  curve: z.array(z.tuple([z.number().min(0).max(100), count])),
  /** Further steps of journeys, such as `{"paid": 120, "cancelled": 30}`. */
  steps: counts,
})

/** One second of a run. */
const tick = z.object({
  /** Seconds from the start. */
  second: count,
  sent: count,
  accepted: count,
  decided: count,
  booked: count,
  refused: count,
  /** Percentiles of the headline streams' `total` (or `accept`) in this second; `null` where there was no answer. */
  p50: count.nullable(),
  p99: count.nullable(),
  /** Answers to reads, by status 200 and 304. */
  reads: count,
})

const watchers = z.object({
  watchers: count,
  connected: count,
  messages: count,
  /** Time from a booking to each watcher's message about it; `null` if nothing was sold. */
  delay: latency.nullable(),
})

const machine = z.object({
  date: z.string(),
  commit: z.string(),
  cores: count,
  model: z.string(),
  memoryGb: count,
  system: z.string(),
  node: z.string(),
  postgres: z.string(),
  redis: z.string(),
  /** Median time of writing 8 kB and syncing it, where PostgreSQL keeps its data: what a commit waits for. */
  syncMs: count,
  fileSystem: z.string(),
})

/** Sampled beside the run, once a second, over all lines. `decided` counts from the run's start. */
const sample = z.object({ second: count, inLine: count, decided: count })

/** `cores` are CPU seconds per second. */
const processCost = z.object({ name: z.string(), cores: count.nullable(), peakRssMb: count.nullable() })

/** Seats of one showtime: where they are, in seat widths, and when each was sold, from the run's start. */
const seatMap = z.object({
  title: z.string(),
  seats: z.array(z.object({ label: z.string(), x: z.number(), y: z.number(), soldMs: z.number().nullable() })),
})

/** Bytes that PostgreSQL wrote while one stream's requests were refused and nobody else came. */
const disk = z.object({
  stream: z.string(),
  /** Requests of it that were refused: in the line, or turned away before it (4xx and 503). */
  refused: count,
  turnedAway: count,
  walBytes: count,
  /** Growth of tables and indexes. */
  tableBytes: z.number(),
})

/** `about` says how it was measured, one sentence a line. */
const table = z.object({
  title: z.string(),
  about: z.array(z.string()),
  header: z.array(z.string()),
  rows: z.array(z.array(z.string())),
})

/** One measured value and what it is meant to reach. Missing it fails nothing. */
const aim = z.object({
  what: z.string(),
  value: z.number(),
  relation: z.enum(['at least', 'at most', 'under']),
  aim: z.number(),
})

const verification = z.object({
  checks: z.array(z.object({ what: z.string(), bad: count })),
  /** One sentence each; empty is a clean run. */
  violations: z.array(z.string()),
})

export const RESULTS_SCHEMA = z.object({
  format: z.literal(2, { error: 'must be 2' }),
  command: z.enum(['bench', 'flood']),
  scenario: z.string(),
  about: z.string(),
  startedAt: z.string(),
  /** `rate` is `null` where clients wait for their answers, and nothing is sent at a rate. */
  size: z.object({
    rate: count.nullable(),
    durationMs: count,
    warmUpMs: count,
    clients: count,
    rounds: count,
    /** Scale of the run. Below 1 it shows that everything works, and measures nothing. */
    scale: count,
  }),
  seed: z.number(),
  /** `null` for a run against a URL: its machine is not known. */
  machine: machine.nullable(),
  target: z.string(),
  outcome: z.object({
    streams: z.array(stream),
    ticks: z.array(tick),
    watchers: watchers.nullable(),
    /** Time from the intended to the actual time of sending, waits for a free client included. */
    lag: latency,
    /** The same without those waits: what the generator itself was late. */
    ownLag: latency,
  }),
  samples: z.array(sample),
  processes: z.array(processCost),
  /** Over the time in which something was decided; `null` where that is not what was measured. */
  decidedPerSecond: count.nullable(),
  acceptedPerSecond: count.nullable(),
  seatMap: seatMap.nullable(),
  disk: disk.nullable(),
  tables: z.array(table),
  aims: z.array(aim),
  verification,
})

export type Latency = Immutable<z.infer<typeof latency>>
export type StreamOutcome = Immutable<z.infer<typeof stream>>
export type Tick = Immutable<z.infer<typeof tick>>
export type WatchersOutcome = Immutable<z.infer<typeof watchers>>
export type Machine = Immutable<z.infer<typeof machine>>
export type Sample = Immutable<z.infer<typeof sample>>
export type ProcessCost = Immutable<z.infer<typeof processCost>>
export type SeatMap = Immutable<z.infer<typeof seatMap>>
export type DiskWritten = Immutable<z.infer<typeof disk>>
export type Table = Immutable<z.infer<typeof table>>
export type Aim = Immutable<z.infer<typeof aim>>
export type Verification = Immutable<z.infer<typeof verification>>
export type Results = Immutable<z.infer<typeof RESULTS_SCHEMA>>

/** The measurements of a scenario: results without the fields that are known before it runs. */
export type Measured = Omit<
  Results,
  'format' | 'command' | 'scenario' | 'about' | 'startedAt' | 'machine' | 'target' | 'seed'
>
