/**
 * Formats what Bull Board shows of a job: titles, positions, ids and counts, never an order or a person. Everything that is not
 * known to be harmless is left out, so that later additions to jobs are not shown by themselves.
 */

const SHOWN_DATA = ['v', 'lines', 'requestIds']

export function shownData(data: unknown): Record<string, unknown> {
  return entriesOf(data, (key) => SHOWN_DATA.includes(key))
}

/** Counts by outcome, by refusal code, by what was done. */
export function shownResult(result: unknown): Record<string, unknown> {
  return entriesOf(result, (_key, value) => typeof value === 'number')
}

/** Returns the name of a job: `Winter Lights Festival · 12 requests`; periodic work has its own name. */
export function shownName(job: unknown): string {
  if (typeof job !== 'object' || job === null || !('name' in job)) return ''
  const ids = 'data' in job ? shownData(job.data)['requestIds'] : undefined
  if (!Array.isArray(ids)) return String(job.name)
  return `${String(job.name)} · ${ids.length === 1 ? '1 request' : `${ids.length} requests`}`
}

function entriesOf(value: unknown, isShown: (key: string, value: unknown) => boolean): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return {}
  return Object.fromEntries(Object.entries(value).filter(([key, each]) => isShown(key, each)))
}
