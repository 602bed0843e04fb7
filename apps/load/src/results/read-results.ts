import { readFile } from 'node:fs/promises'
import { StartupError } from '@boxoffice/core/runtime/startup-error.ts'
import { type Results, RESULTS_SCHEMA } from './results.ts'

/** Throws a `StartupError` with one sentence where the file cannot be read or is not the result of a run. */
export async function readResults(path: string): Promise<Results> {
  const parsed = RESULTS_SCHEMA.safeParse(parseJson(path, await readText(path)))
  if (parsed.success) return parsed.data
  const { path: place = [], message = 'it is not understood' } = parsed.error.issues[0] ?? {}
  const where = place.length === 0 ? '' : `${place.map(String).join('.')}: `
  throw new StartupError(`${path} is not the result of a run: ${where}${message}.`)
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    throw new StartupError(`${path} cannot be read: ${reasonOf(error)}.`, { cause: error })
  }
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new StartupError(`${path} is not JSON: ${reasonOf(error)}.`, { cause: error })
  }
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
