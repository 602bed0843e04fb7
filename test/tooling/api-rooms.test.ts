import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const API = join(ROOT, 'apps/api/src')
const GROUPS = join(ROOT, 'packages/contract/src/operations')

/** Holds what the routes of the catalogue's groups share, and the list of those routes. */
const NO_GROUP = ['management']

const nameOf = (file: string) => basename(file, '.ts')

describe('the rooms of the API', () => {
  test('each group of the contract has its routes under its own name', () => {
    const routes = [...new Set(readdirSync(join(API, 'routes')).map(nameOf))]
    expect(routes.filter((name) => !NO_GROUP.includes(name)).toSorted()).toEqual(
      readdirSync(GROUPS).map(nameOf).toSorted(),
    )
  })

  test('at the root are entry points and wiring only', () => {
    const files = readdirSync(API).filter((name) => name.endsWith('.ts') && !name.endsWith('-cli.ts'))
    expect(files.toSorted()).toEqual(['app.ts', 'main.ts', 'open-api.ts', 'routers.ts'])
  })

  test('no folder imports itself through others', () => {
    const imports = folderImports()
    expect(imports.size).toBeGreaterThan(10)
    const circles = [...imports.keys()].filter((folder) => reachable(imports, folder).has(folder))
    expect(circles).toEqual([])
  })

  test('a circle of folders would be found: the control', () => {
    const imports = new Map([
      ['a', new Set(['b'])],
      ['b', new Set(['c'])],
      ['c', new Set(['a'])],
      ['d', new Set(['a'])],
    ])
    expect([...imports.keys()].filter((folder) => reachable(imports, folder).has(folder))).toEqual(['a', 'b', 'c'])
  })
})

/** Returns the folders that each folder imports from, relative to `src`. */
function folderImports(): ReadonlyMap<string, ReadonlySet<string>> {
  const imports = new Map<string, Set<string>>()
  const files = readdirSync(API, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
  for (const file of files) {
    const from = dirname(file)
    for (const [, specifier = ''] of readFileSync(join(API, file), 'utf8').matchAll(/from '(\.[^']+)'/g)) {
      const to = relative(API, dirname(join(API, from, specifier))) || '.'
      if (to !== from) imports.set(from, (imports.get(from) ?? new Set()).add(to))
    }
  }
  return imports
}

function reachable(imports: ReadonlyMap<string, ReadonlySet<string>>, start: string): ReadonlySet<string> {
  const seen = new Set<string>()
  const open = [start]
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    for (const next of imports.get(folder) ?? []) {
      if (seen.has(next)) continue
      seen.add(next)
      open.push(next)
    }
  }
  return seen
}
