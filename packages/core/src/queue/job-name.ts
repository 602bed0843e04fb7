import type { DecideJob } from './payloads.ts'

/** Characters of a title that a job's name has. */
const MAX_TITLE = 80

/** Returns the name of a job, as Bull Board shows it: what is sold, of several the first and how many more. */
export function jobName({ lines }: DecideJob): string {
  const [first] = lines
  if (first === undefined) return 'nothing'
  const title = Array.from(first.name).slice(0, MAX_TITLE).join('')
  return lines.length === 1 ? title : `${title} and ${lines.length - 1} more`
}
