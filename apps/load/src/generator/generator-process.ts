/** The generator in a process of its own: takes one plan from its parent, drives it and tells what it saw. */
import { generate } from './generate.ts'
import type { GeneratorMessage, GeneratorOutcome } from './outcome.ts'
import type { LoadPlan } from './plan.ts'

/** The most requests or references in one message. */
const PART = 10_000

const tell = (message: GeneratorMessage) => process.send?.(message)

function tellOutcome({ requests, references, ...outcome }: GeneratorOutcome): void {
  for (let at = 0; at < Math.max(requests.length, references.length); at += PART) {
    tell({
      type: 'part',
      requests: requests.slice(at, at + PART),
      references: references.slice(at, at + PART),
    })
  }
  tell({ type: 'done', outcome })
}

// It stays, for its parent reads what it cost, until it is told to end.
process.once('disconnect', () => process.exit(1))
process.once('message', (plan) => {
  generate(plan as LoadPlan, tell).then(tellOutcome, (error: unknown) => {
    console.error(error)
    process.exit(1)
  })
})
