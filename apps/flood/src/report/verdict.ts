import { formatCount, formatFigure } from './format-figure.ts'
import type { FloodResults } from './results.ts'

/** What a run says in words. */
export interface Verdict {
  readonly good: boolean
  readonly headline: string
  /** What is wrong, one sentence each. Empty where the run is good. */
  readonly problems: readonly string[]
  /** What to know before the figures are believed, one sentence each. */
  readonly warnings: readonly string[]
}

/** From here on, the generator's own lag is no longer small beside what is measured. */
const LATE_MS = 10

/** A run is good when something was sent, all of it got a proper answer, and the audit looked and found nothing. */
export function judge(results: FloodResults): Verdict {
  const problems = findProblems(results)
  return {
    good: problems.length === 0,
    headline:
      problems.length === 0
        ? `The audit is clean: ${formatCount(results.audit.checks.length, 'check')}, nothing found.`
        : `NOT clean: ${formatCount(problems.length, 'thing is', 'things are')} wrong.`,
    problems,
    warnings: findWarnings(results),
  }
}

export const sentAnything = ({ outcome: { streams } }: Pick<FloodResults, 'outcome'>): boolean =>
  streams.some(({ sent }) => sent > 0)

function findProblems({ audit, outcome }: FloodResults): string[] {
  const problems = [...audit.violations]
  if (audit.checks.length === 0) problems.push('The audit looked at nothing.')
  const failed = audit.checks.filter(({ bad }) => bad !== 0)
  if (failed.length > 0 && audit.violations.length === 0) {
    problems.push(...failed.map(({ what, bad }) => `${formatFigure(bad)} ${what}`))
  }
  if (!sentAnything({ outcome })) problems.push('Nothing was sent: this run shows nothing.')
  for (const { name, errors, errorSamples } of outcome.streams) {
    if (errors === 0) continue
    const samples = errorSamples.length === 0 ? '' : `, such as: ${errorSamples.join(' | ')}`
    problems.push(`${name}: ${formatCount(errors, 'request')} failed${samples}`)
  }
  return problems
}

function findWarnings({ size, machine, outcome }: FloodResults): string[] {
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
