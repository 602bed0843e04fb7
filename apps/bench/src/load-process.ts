/** A load generator of its own: takes one plan from its parent, drives it, tells the result and ends. */
import { runLoad } from './load.ts'
import type { LoadMessage, LoadPlan } from './load-plan.ts'

const tell = (message: LoadMessage) => process.send?.(message)

process.once('disconnect', () => process.exit(1))
process.once('message', (plan) => {
  runLoad(plan as LoadPlan, tell).then(
    (result) => {
      process.send?.({ type: 'done', result } satisfies LoadMessage, undefined, undefined, () => process.exit(0))
    },
    (error: unknown) => {
      console.error(error)
      process.exit(1)
    },
  )
})
