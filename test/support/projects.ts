import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

export type Project = 'unit' | 'db' | 'system'

/**
 * The modules that make a test more than a unit test. The first row with one that a test file can reach through its
 * imports decides its project, so nobody keeps a list of files.
 */
const DOORS: readonly (readonly [Project, readonly string[]])[] = [
  ['system', ['node:child_process', 'node:cluster']],
  ['db', ['test/support/database.ts', 'test/support/empty-database.ts']],
  ['system', ['node:http', 'node:https', 'node:tls', 'node:worker_threads', 'express', 'piscina']],
]

/** The modules that each module loads itself. */
const loaded = new Map<string, readonly string[]>()

/** Returns the test files of a project, relative to the root of the repository. */
export function filesOf(project: Project): string[] {
  return globSync('test/**/*.test.ts', { cwd: ROOT }).filter((file) => projectOf(file) === project)
}

function projectOf(file: string): Project {
  const reached = reachedFrom(file)
  return DOORS.find(([, doors]) => doors.some((door) => reached.has(door)))?.[0] ?? 'unit'
}

/** Returns the files, built-ins and packages that a file loads, directly or not. Packages are not looked into. */
function reachedFrom(file: string): ReadonlySet<string> {
  const reached = new Set([file])
  // A Set shows what is added to it while it is walked.
  for (const module of reached) {
    const next = loaded.get(module) ?? importsOf(module)
    loaded.set(module, next)
    for (const each of next) reached.add(each)
  }
  return reached
}

/** Imports of types alone are left out: nothing is loaded for them. */
const IMPORT = /^(?:import|export)(?! type\b)[^'"]*?'([^']+)'|\bimport\('([^']+)'\)/gm

function importsOf(module: string): readonly string[] {
  if (!module.endsWith('.ts') || !existsSync(join(ROOT, module))) return []
  const text = readFileSync(join(ROOT, module), 'utf8')
  return [...text.matchAll(IMPORT)].map(([, declared, called]) => resolveFrom(module, declared ?? called ?? ''))
}

function resolveFrom(module: string, specifier: string): string {
  if (specifier.startsWith('.')) return join(dirname(module), specifier)
  const [scope, workspace = '', ...path] = specifier.split('/')
  if (scope !== '@boxoffice') return specifier
  const folder = existsSync(join(ROOT, 'packages', workspace)) ? 'packages' : 'apps'
  return join(folder, workspace, 'src', path.length === 0 ? 'index.ts' : join(...path))
}
