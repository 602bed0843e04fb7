import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { compareFigures, differencesOf, formatComparison } from './comparison.ts'
import { readResults } from '../results/read-results.ts'
import { renderComparison } from './render-comparison.ts'
import { fileName, fileStamp } from './write-report.ts'

/**
 * Puts two runs side by side: a page in a directory, which is made where it is missing, and a text for the terminal.
 * Throws a `StartupError` with one sentence where a file is not the result of a run.
 */
export async function writeComparison(
  aPath: string,
  bPath: string,
  outDirectory: string,
): Promise<{ readonly html: string; readonly text: string }> {
  const [a, b] = await Promise.all([readResults(aPath), readResults(bPath)])
  const figures = compareFigures(a, b)
  const differences = differencesOf(a, b)
  await mkdir(outDirectory, { recursive: true })
  const name = `compare-${fileStamp(a.startedAt)}-${fileStamp(b.startedAt)}-${fileName(b.scenario)}.html`
  const html = join(outDirectory, name)
  await writeFile(html, renderComparison(a, b, figures, differences))
  return { html, text: formatComparison(a, b, figures, differences) }
}
