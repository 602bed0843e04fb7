import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { StartupError } from '@boxoffice/core/runtime/startup-error.ts'
import type { Latency } from '@boxoffice/load-rig/latency.ts'
import type { Machine } from '@boxoffice/load-rig/machine.ts'
import type { StreamOutcome, Tick, WatchersOutcome } from '../generator/outcome.ts'
import type { FloodResults } from './results.ts'

const count = z.number().min(0)
const counts = z.record(z.string(), count)

const latency: z.ZodType<Latency> = z.object({ count, mean: count, p50: count, p95: count, p99: count, max: count })

const stream: z.ZodType<StreamOutcome> = z.object({
  name: z.string(),
  headline: z.boolean(),
  intended: count,
  sent: count,
  unsent: count,
  statuses: counts,
  booked: count,
  refused: counts,
  undecided: count,
  errors: count,
  errorSamples: z.array(z.string()),
  accept: latency,
  decide: latency,
  total: latency,
  curve: z.array(z.tuple([z.number().min(0).max(100), count])),
  steps: counts,
})

const tick: z.ZodType<Tick> = z.object({
  second: count,
  sent: count,
  accepted: count,
  decided: count,
  booked: count,
  refused: count,
  p50: count.nullable(),
  p99: count.nullable(),
  reads: count,
})

const watchers: z.ZodType<WatchersOutcome> = z.object({
  watchers: count,
  connected: count,
  messages: count,
  lag: latency.nullable(),
})

const machine: z.ZodType<Machine> = z.object({
  date: z.string(),
  commit: z.string(),
  cores: count,
  model: z.string(),
  memoryGb: count,
  system: z.string(),
  node: z.string(),
  postgres: z.string(),
  redis: z.string(),
  syncMs: count,
  fileSystem: z.string(),
})

const results: z.ZodType<FloodResults> = z.object({
  format: z.literal(1, { error: 'must be 1' }),
  scenario: z.string(),
  about: z.string(),
  startedAt: z.string(),
  size: z.object({ rate: count, durationMs: count, clients: count, scale: count }),
  seed: z.number(),
  machine: machine.nullable(),
  target: z.string(),
  outcome: z.object({
    streams: z.array(stream),
    ticks: z.array(tick),
    watchers: watchers.nullable(),
    lag: latency,
    ownLag: latency,
  }),
  samples: z.array(z.object({ second: count, inLine: count, decided: count })),
  processes: z.array(z.object({ name: z.string(), cores: count.nullable(), peakRssMb: count.nullable() })),
  decidedPerSecond: count,
  acceptedPerSecond: count,
  filling: z
    .object({
      title: z.string(),
      seats: z.array(z.object({ label: z.string(), x: z.number(), y: z.number(), soldMs: z.number().nullable() })),
    })
    .nullable(),
  // Reports from before it was measured have none.
  disk: z
    .object({ stream: z.string(), refused: count, turnedAway: count, walBytes: count, tableBytes: z.number() })
    .nullable()
    .default(null),
  audit: z.object({
    checks: z.array(z.object({ what: z.string(), bad: count })),
    violations: z.array(z.string()),
  }),
})

/** Throws a `StartupError` with one sentence where the file cannot be read or is not the result of a run. */
export async function readResults(path: string): Promise<FloodResults> {
  const parsed = results.safeParse(parseJson(path, await readText(path)))
  if (parsed.success) return parsed.data
  const { path: place = [], message = 'it is not understood' } = parsed.error.issues[0] ?? {}
  const where = place.length === 0 ? '' : `${place.map(String).join('.')}: `
  throw new StartupError(`${path} is not the result of a flood: ${where}${message}.`)
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    throw new StartupError(`${path} cannot be read: ${reasonOf(error)}.`, { cause: error })
  }
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new StartupError(`${path} is not JSON: ${reasonOf(error)}.`, { cause: error })
  }
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
