import { formatCount, formatFigure } from './format-figure.ts'
import type { Results } from '../results/results.ts'

/** The result of a run in words. */
export interface Verdict {
  readonly good: boolean
  readonly headline: string
  /** One sentence for each thing that is wrong. Empty where the run is good. */
  readonly problems: readonly string[]
  /** One sentence for each reason to doubt the figures. */
  readonly warnings: readonly string[]
}

/** Lag from which on the generator's own is no longer small beside what is measured. */
const LATE_MS = 10

/**
 * Judges a run. It is good if something was sent, all of it got a proper answer, and the database was verified and
 * nothing found.
 */
export function judge(results: Results): Verdict {
  const problems = findProblems(results)
  return {
    good: problems.length === 0,
    headline:
      problems.length === 0
        ? `Verified: ${formatCount(results.verification.checks.length, 'check')}, nothing found.`
        : `NOT clean: ${formatCount(problems.length, 'thing is', 'things are')} wrong.`,
    problems,
    warnings: findWarnings(results),
  }
}

/** Says whether there is anything to judge: what has tables was not one crowd. */
export const sentAnything = ({ outcome: { streams }, tables }: Pick<Results, 'outcome' | 'tables'>): boolean =>
  tables.length > 0 || streams.some(({ sent }) => sent > 0)

function findProblems({ verification, outcome, tables }: Results): string[] {
  const problems = [...verification.violations]
  if (verification.checks.length === 0) problems.push('The database was not verified.')
  const failed = verification.checks.filter(({ bad }) => bad !== 0)
  if (failed.length > 0 && verification.violations.length === 0) {
    problems.push(...failed.map(({ what, bad }) => `${formatFigure(bad)} ${what}`))
  }
  if (!sentAnything({ outcome, tables })) problems.push('Nothing was sent: this run shows nothing.')
  for (const { name, errors, errorSamples } of outcome.streams) {
    if (errors === 0) continue
    const samples = errorSamples.length === 0 ? '' : `, such as: ${errorSamples.join(' | ')}`
    problems.push(`${name}: ${formatCount(errors, 'request')} failed${samples}`)
  }
  return problems
}

function findWarnings({ size, machine, outcome }: Results): string[] {
  const warnings: string[] = []
  const count = (of: 'unsent' | 'undecided') => outcome.streams.reduce((sum, stream) => sum + stream[of], 0)
  const [unsent, undecided] = [count('unsent'), count('undecided')]
  if (unsent > 0) {
    warnings.push(
      `${formatCount(unsent, 'arrival was', 'arrivals were')} not sent, since every client was busy until the end. They are in no latency: the figures are of less load than intended.`,
    )
  }
  if (undecided > 0) {
    warnings.push(
      `${formatCount(undecided, 'accepted request')} had no outcome when the generator stopped waiting. They are in no time to an outcome.`,
    )
  }
  if (outcome.ownLag.count > 0 && outcome.ownLag.p99 > LATE_MS) {
    warnings.push(
      `The generator itself was up to ${formatFigure(outcome.ownLag.p99)} ms late (p99). This is part of the latencies.`,
    )
  }
  if (size.scale < 1) {
    warnings.push(
      `A run at scale ${formatFigure(size.scale)}: it shows that everything works; its figures are not those of the full scenario.`,
    )
  }
  if (machine === null) warnings.push('A run against a URL: the machine that answered is not known.')
  return warnings
}
