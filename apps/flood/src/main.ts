/**
 * An open-loop load test. The summary goes to stdout, progress to stderr, and each run's report as JSON and HTML into a
 * directory. Exit code 1 when a run could not be made, its audit found something, or requests failed.
 */
import { join, resolve } from 'node:path'
import { EmbeddedPostgresError } from '@boxoffice/core/db/embedded-postgres.ts'
import { makeDirectory } from '@boxoffice/core/runtime/make-directory.ts'
import { StartupError } from '@boxoffice/core/runtime/startup-error.ts'
import { ChildError, killChildren } from '@boxoffice/load-rig/child-process.ts'
import { type Options, readOptions, USAGE } from './options.ts'
import { ProgressLine } from './progress.ts'
import { writeComparison } from './report/compare.ts'
import { formatSummary } from './report/summary.ts'
import { judge } from './report/verdict.ts'
import { fileStamp, writeReport } from './report/write-report.ts'
import { runScenario } from './run-scenario.ts'
import { sizeOf } from './scenarios/pace.ts'
import type { Target } from './target.ts'
import { startEmbedded } from './target-embedded.ts'
import { targetUrl } from './target-url.ts'

const progress = new ProgressLine(process.stderr)
const say = (text: string) => progress.say(text)

/** Somebody pressed Ctrl-C. */
class Interruption extends Error {
  override readonly name = 'Interruption'
}

const interruption = Promise.withResolvers<never>()
interruption.promise.catch(() => {})
const interrupted = interruption.promise
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    say('Interrupted, stopping.')
    interruption.reject(new Interruption())
    // Who cannot wait for things to stop in order.
    process.once(signal, () => process.exit(130))
  })
}

let starting: Promise<Target> | undefined

/** Returns whether all runs are good. */
async function run(options: Extract<Options, { kind: 'run' }>): Promise<boolean> {
  const out = resolve(options.out)
  await prepare(out)
  // Kept before it is there, so that it is stopped too when we are interrupted meanwhile.
  starting = openTarget(options, out)
  const target = await Promise.race([starting, interrupted])
  let good = true
  for (const scenario of options.scenarios) {
    const results = await runScenario(scenario, target, {
      size: sizeOf(scenario.defaults, options.size),
      seed: options.seed,
      onProgress: (now) => progress.show(now),
      say,
      interrupted,
    })
    const { json, html } = await writeReport(results, out)
    progress.end()
    process.stdout.write(`${formatSummary(results)}\n${json}\n${html}\n\n`)
    good &&= judge(results).good
  }
  return good
}

async function openTarget(
  { remote, redis, profile, size }: Extract<Options, { kind: 'run' }>,
  out: string,
): Promise<Target> {
  if (remote !== null) return targetUrl(remote, say)
  const profileDirectory = profile ? join(out, `${fileStamp(new Date().toISOString())}-profiles`) : null
  if (profileDirectory !== null) await prepare(profileDirectory)
  say('Starting the servers')
  return startEmbedded({ redis, profileDirectory, measures: size.scale === undefined || size.scale === 1 })
}

/** Before anything is started: where reports go. */
async function prepare(directory: string): Promise<void> {
  try {
    await makeDirectory(directory)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new StartupError(`--out: ${directory} cannot be made: ${reason}.`, { cause: error })
  }
}

/** Returns the exit code. */
async function obey(options: Options): Promise<number> {
  switch (options.kind) {
    case 'help':
      process.stdout.write(`${USAGE}\n`)
      return 0
    case 'compare': {
      const { html, text } = await writeComparison(options.a, options.b, resolve(options.out))
      process.stdout.write(`${text}\n${html}\n`)
      return 0
    }
    case 'run':
      return (await run(options)) ? 0 : 1
  }
}

/** What went wrong, for the person at the keyboard: one sentence where the reason is known, else the stack. */
function sentenceOf(error: unknown): string {
  const known = error instanceof StartupError || error instanceof EmbeddedPostgresError || error instanceof ChildError
  return error instanceof Error ? ((known ? undefined : error.stack) ?? error.message) : String(error)
}

let exitCode: number
try {
  exitCode = await obey(readOptions(process.argv.slice(2), process.env))
} catch (error) {
  exitCode = error instanceof Interruption ? 130 : 1
  if (exitCode === 1) say(sentenceOf(error))
}
try {
  // Why it did not start has been said.
  const target = await starting?.catch(() => undefined)
  await target?.stop()
  killChildren()
} catch (error) {
  say(`Stopping failed: ${sentenceOf(error)}`)
  exitCode ||= 1
}
process.exit(exitCode)
