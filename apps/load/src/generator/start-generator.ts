import { fileURLToPath } from 'node:url'
import type { Watched } from '../measure/process-usage.ts'
import type { Tick } from '../results/results.ts'
import { startChild } from '../target/child-process.ts'
import type { GeneratorMessage, GeneratorOutcome, ObservedRequest, Phase } from './outcome.ts'
import type { LoadPlan } from './plan.ts'

const GENERATOR = fileURLToPath(new URL('./generator-process.ts', import.meta.url))

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

export interface GeneratorListener {
  /** Called every second; `waiting` arrivals are due and wait for a free client. */
  onTick?(tick: Tick, waiting: number): void
  /** Called when the measured time begins and ends. */
  onPhase?(phase: Phase): void
}

export function startGenerator(plan: LoadPlan, { onTick, onPhase }: GeneratorListener): RunningGenerator {
  const child = startChild({ name: 'generator', args: [GENERATOR] })
  const started = Promise.withResolvers<void>()
  const outcome = Promise.withResolvers<GeneratorOutcome>()
  const requests: ObservedRequest[] = []
  const references: string[] = []
  child.process.on('message', (raw) => {
    const message = raw as GeneratorMessage
    switch (message.type) {
      case 'started':
        started.resolve()
        break
      case 'measuring':
      case 'measured':
        onPhase?.(message.type)
        break
      case 'tick':
        onTick?.(message.tick, message.waiting)
        break
      case 'part':
        for (const request of message.requests) requests.push(request)
        for (const reference of message.references) references.push(reference)
        break
      case 'done':
        outcome.resolve({ ...message.outcome, requests, references })
    }
  })
  child.process.send(plan)
  return {
    watched: { name: child.name, pid: child.pid },
    started: started.promise,
    outcome: outcome.promise,
    failed: child.failed,
    stop: child.stop,
  }
}
