import { failureSentence } from '@boxoffice/core/db/cli-failure.ts'
import { ProcessTree } from './process-tree.ts'
import { runAll } from './run-all.ts'
import { awaitStopRequest } from './stop-request.ts'
import { AppFailedError } from './supervised-app.ts'

const processes = new ProcessTree()
const stopRequest = awaitStopRequest(() => {
  void processes.kill().finally(() => process.exit(130))
})

let exitCode = 0

function fail(error: unknown): void {
  process.stderr.write(`${error instanceof AppFailedError ? error.message : failureSentence(error)}\n`)
  exitCode = 1
}

try {
  await Promise.race([stopRequest, runAll(processes)])
  process.stdout.write('\nStopping.\n')
} catch (error) {
  fail(error)
}
await processes.stop().catch(fail)
process.exit(exitCode)
