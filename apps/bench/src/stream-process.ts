import { openAudience } from './stream-audience.ts'
import type { StreamMessage, StreamPlan } from './stream-plan.ts'

/** A process of its own: what it costs is not the server's. */
process.once('message', (plan) => {
  const say = (message: StreamMessage) => process.send?.(message)
  openAudience(plan as StreamPlan).then(
    (audience) => {
      process.once('message', () => say({ type: 'closed', totals: audience.close() }))
      say({ type: 'opened', opened: audience.opened })
    },
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
      process.exit(1)
    },
  )
})
