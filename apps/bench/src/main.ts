/**
 * Measures lanes against what one would otherwise write, on this machine, with everything the product needs started by
 * itself. The report goes to stdout, what is going on to stderr, and everything as JSON below bench-results/.
 * Exit code 1 when a run failed or its audit found a violation; a target that is missed is only reported.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { EmbeddedPostgresError } from '@boxoffice/core/db/embedded-postgres.ts'
import { StartupError } from '@boxoffice/core/runtime/startup-error.ts'
import { ChildError, killChildren } from '@boxoffice/load-rig/child-process.ts'
import { signCustomers } from '@boxoffice/load-rig/tokens.ts'
import type { BenchContext } from './context.ts'
import { describeMachine } from '@boxoffice/load-rig/machine.ts'
import { type Options, readOptions, USAGE } from './options.ts'
import { findProblems, formatReport, type Results } from './report.ts'
import { runScenario } from './run-scenario.ts'
import { type Stack, startStack } from '@boxoffice/load-rig/stack.ts'

const RESULTS = resolve('bench-results')

let starting: Promise<Stack> | undefined

async function run(options: Options): Promise<Results> {
  const stamp = new Date().toISOString().replaceAll(/[:.]/g, '-')
  const profileDirectory = options.profile ? join(RESULTS, `${stamp}-profiles`) : null
  await mkdir(profileDirectory ?? RESULTS, { recursive: true })
  // Kept before it is there, so that it is stopped too when we are interrupted meanwhile.
  starting = startStack({ parent: options.parent, statementStatistics: options.profile })
  const stack = await starting
  const context: BenchContext = {
    stack,
    options,
    tokens: await signCustomers(options.clients),
    profileDirectory,
    say: (text) => process.stderr.write(`${text}\n`),
  }
  const results: Results = { machine: await describeMachine(stack), options }
  const path = join(RESULTS, `${stamp}.json`)
  for (const scenario of options.scenarios) {
    await runScenario(context, scenario, results)
    // After each, so that an interruption loses only the one that was under way.
    await writeFile(path, `${JSON.stringify(results, null, 2)}\n`)
  }
  process.stderr.write(`The results are in ${path}\n\n`)
  return results
}

/** What went wrong, for the person at the keyboard: one sentence where the reason is known, else the stack. */
function sentenceOf(error: unknown): string {
  const known = error instanceof StartupError || error instanceof EmbeddedPostgresError || error instanceof ChildError
  return error instanceof Error ? ((known ? undefined : error.stack) ?? error.message) : String(error)
}

const interrupted = new Promise<null>((resolveInterrupted) => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolveInterrupted(null))
})

let exitCode = 0
try {
  const options = readOptions(process.argv.slice(2))
  if (options === null) {
    process.stdout.write(`${USAGE}\n`)
  } else {
    const running = run(options)
    // Should it fail because of an interruption, that is all there is to say.
    running.catch(() => {})
    const results = await Promise.race([running, interrupted])
    if (results === null) {
      process.stderr.write('Interrupted, stopping.\n')
      exitCode = 130
    } else {
      process.stdout.write(`${formatReport(results)}\n`)
      if (findProblems(results).length > 0) exitCode = 1
    }
  }
} catch (error) {
  process.stderr.write(`${sentenceOf(error)}\n`)
  exitCode = 1
}
try {
  const stack = await starting?.catch(() => undefined)
  killChildren()
  await stack?.stop()
} catch (error) {
  process.stderr.write(`Stopping failed: ${sentenceOf(error)}\n`)
  exitCode ||= 1
}
process.exit(exitCode)
