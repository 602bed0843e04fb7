import { type ReadPlan, runReads } from './read-load.ts'

/** A process of its own: what it costs is not the server's. */
process.once('message', (plan) => {
  runReads(plan as ReadPlan).then(
    (result) => process.send?.(result),
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
      process.exit(1)
    },
  )
})
