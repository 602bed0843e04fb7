import { fileURLToPath } from 'node:url'
import { type Child, startChild } from '@boxoffice/load-rig/child-process.ts'
import type { Watched } from '@boxoffice/load-rig/process-usage.ts'
import type { GeneratorMessage, GeneratorOutcome, Sighting, Tick } from './generator/outcome.ts'
import type { FloodPlan } from './generator/plan.ts'

const GENERATOR = fileURLToPath(new URL('./generator/generator-process.ts', import.meta.url))

/** A generator at work, in a process of its own: what it measures is not held up by what we do. */
export interface RunningGenerator {
  readonly watched: Watched
  /** Resolves when its clock is at 0. */
  readonly started: Promise<void>
  readonly outcome: Promise<GeneratorOutcome>
  /** Rejects with `ChildError` when it ends unasked. */
  readonly failed: Promise<never>
  stop(): Promise<void>
}

/** `onTick` hears of every second, and how many arrivals are due and wait for a free client. */
export function startGenerator(plan: FloodPlan, onTick: (tick: Tick, waiting: number) => void): RunningGenerator {
  const child = startChild({ name: 'generator', args: [GENERATOR] })
  const started = Promise.withResolvers<void>()
  const outcome = Promise.withResolvers<GeneratorOutcome>()
  const sightings: Sighting[] = []
  const references: string[] = []
  child.process.on('message', (raw) => {
    const message = raw as GeneratorMessage
    switch (message.type) {
      case 'started':
        started.resolve()
        break
      case 'tick':
        onTick(message.tick, message.waiting)
        break
      case 'part':
        for (const sighting of message.sightings) sightings.push(sighting)
        for (const reference of message.references) references.push(reference)
        break
      case 'done':
        outcome.resolve({ ...message.outcome, sightings, references })
    }
  })
  child.process.send(plan)
  return {
    watched: watchedOf(child),
    started: started.promise,
    outcome: outcome.promise,
    failed: child.failed,
    stop: child.stop,
  }
}

const watchedOf = ({ name, pid }: Child): Watched => ({ name, pid })
