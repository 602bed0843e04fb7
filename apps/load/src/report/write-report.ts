import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { renderReport } from './render-report.ts'
import type { Results } from '../results/results.ts'

/**
 * Writes `<time of the start>-<scenario>.json` and `.html` into a directory, which is made where it is missing, and
 * returns their paths. A second report of the same run replaces the first.
 */
export async function writeReport(
  results: Results,
  outDirectory: string,
): Promise<{ readonly json: string; readonly html: string }> {
  await mkdir(outDirectory, { recursive: true })
  const path = join(outDirectory, `${fileStamp(results.startedAt)}-${fileName(results.scenario)}`)
  const paths = { json: `${path}.json`, html: `${path}.html` }
  await writeFile(paths.json, `${JSON.stringify(results)}\n`)
  await writeFile(paths.html, renderReport(results))
  return paths
}

/** Returns ISO 8601 without colons, which not every file system takes. */
export const fileStamp = (iso: string): string => fileName(iso.replaceAll(':', '-'))

/** Replaces everything that could lead out of a directory. */
export const fileName = (name: string): string => name.replace(/[^A-Za-z0-9._-]/g, '_')
