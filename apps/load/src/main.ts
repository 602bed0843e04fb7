/**
 * `npm run bench` and `npm run flood`. Summaries go to stdout, progress to stderr, and each scenario's report as JSON and
 * HTML into a directory. Exit code 1 when a scenario could not be run, the database was found wrong after it, or requests
 * failed; an aim that is missed is only reported.
 */
import { join, resolve } from 'node:path'
import { makeDirectory } from '@boxoffice/core/runtime/make-directory.ts'
import { StartupError } from '@boxoffice/core/runtime/startup-error.ts'
import { type Options, readOptions, type RunOptions } from './options/read-options.ts'
import { usageOf } from './options/usage.ts'
import { writeComparison } from './report/compare.ts'
import { ProgressLine } from './results/progress.ts'
import { formatSummary } from './report/summary.ts'
import { judge } from './report/verdict.ts'
import { fileStamp, writeReport } from './report/write-report.ts'
import { type Command, runScenario } from './scenarios/scenario.ts'
import { ChildError, killChildren } from './target/child-process.ts'
import { startEmbedded } from './target/embedded.ts'
import { openRemote } from './target/remote.ts'
import type { Target } from './target/target.ts'

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
async function run(command: Command, options: RunOptions): Promise<boolean> {
  const out = resolve(options.out)
  await prepare(out)
  // Kept before it is there, so that it is stopped too when we are interrupted meanwhile.
  starting = openTarget(options, out)
  const target = await Promise.race([starting, interrupted])
  let good = true
  for (const scenario of options.scenarios) {
    const results = await runScenario(command, scenario, {
      target,
      asked: options.asked,
      onProgress: (now) => progress.show(now),
      say,
      interrupted,
    })
    // After each, so that an interruption loses only the one that was under way.
    const { json, html } = await writeReport(results, out)
    progress.end()
    process.stdout.write(`${formatSummary(results)}\n${json}\n${html}\n\n`)
    good &&= judge(results).good
  }
  return good
}

async function openTarget({ remote, servers, profile }: RunOptions, out: string): Promise<Target> {
  if (remote !== null) return openRemote(remote, say)
  const profileDirectory = profile ? join(out, `${fileStamp(new Date().toISOString())}-profiles`) : null
  if (profileDirectory !== null) await prepare(profileDirectory)
  say('Starting the servers')
  return startEmbedded({ ...servers, profileDirectory })
}

/** Makes the directory of reports before anything is started. */
async function prepare(directory: string): Promise<void> {
  try {
    await makeDirectory(directory)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new StartupError(`--out: ${directory} cannot be made: ${reason}.`, { cause: error })
  }
}

/** Returns the exit code. */
async function obey(command: Command, options: Options): Promise<number> {
  switch (options.kind) {
    case 'help':
      process.stdout.write(`${usageOf(command)}\n`)
      return 0
    case 'compare': {
      const { html, text } = await writeComparison(options.a, options.b, resolve(options.out))
      process.stdout.write(`${text}\n${html}\n`)
      return 0
    }
    case 'run':
      return (await run(command, options)) ? 0 : 1
  }
}

function commandOf(name: string | undefined): Command {
  if (name === 'bench' || name === 'flood') return name
  throw new StartupError('The first argument is bench or flood, as npm run bench and npm run flood say it.')
}

/** Describes an error to the person at the keyboard: one sentence where the reason is known, else the stack. */
function sentenceOf(error: unknown): string {
  const known = error instanceof StartupError || error instanceof ChildError
  return error instanceof Error ? ((known ? undefined : error.stack) ?? error.message) : String(error)
}

let exitCode: number
try {
  const [name, ...args] = process.argv.slice(2)
  const command = commandOf(name)
  exitCode = await obey(command, readOptions(command, args, process.env))
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
