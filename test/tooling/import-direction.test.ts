import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { forbiddenTo, type RoomName, roomNames, ROOMS } from '../../rooms.ts'

// The project's own linter configuration is run on a tree of one-line files, each with a single import, so that a rule
// that stops matching (a renamed folder, a changed pattern syntax) is noticed.

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

interface Case {
  readonly from: string
  readonly imports: string
}

/** Depths at which a room's files lie, as folders below it. */
const DEPTHS = ['', '/queries', '/embedded/linux']

const REFUSED: readonly Case[] = [
  { from: 'packages/contract/src', imports: '@boxoffice/core/access/tokens.ts' },
  { from: 'packages/contract/src', imports: '@boxoffice/api/main.ts' },
  { from: 'packages/client/src', imports: '@boxoffice/core/domain/role.ts' },
  { from: 'packages/client/src', imports: '@boxoffice/contract/access.ts' },
  { from: 'packages/client/src', imports: 'node:crypto' },
  { from: 'packages/client/src', imports: 'zod' },
  { from: 'packages/core/src/mail', imports: '@boxoffice/contract/access.ts' },
  { from: 'packages/core/src/fields', imports: 'drizzle-orm' },
  { from: 'packages/core/src/domain', imports: 'zod' },
  { from: 'packages/core/src/domain', imports: 'drizzle-orm/pg-core' },
  { from: 'packages/core/src/domain', imports: 'node:crypto' },
  { from: 'packages/core/src/domain', imports: 'crypto' },
  { from: 'packages/core/src/domain', imports: '../runtime/logger.ts' },
  { from: 'packages/core/src/domain', imports: '../db/connect.ts' },
  { from: 'packages/core/src/domain', imports: './../settings/settings.ts' },
  { from: 'packages/core/src/domain', imports: '@boxoffice/core/domain/lane.ts' },
  { from: 'packages/core/src/domain/money', imports: '../../db/connect.ts' },
  { from: 'packages/core/src/domain/money', imports: '../../domain/lane.ts' },
  { from: 'packages/core/src/domain/money', imports: 'zod' },
  { from: 'packages/core/src/mail', imports: '@boxoffice/standalone/main.ts' },
  { from: 'packages/core/src/mail', imports: '../../../apps/api/src/main.ts' },
  { from: 'apps/api/src', imports: '@boxoffice/worker/main.ts' },
  { from: 'apps/api/src', imports: '../../worker/src/main.ts' },
  { from: 'apps/api/src/routes', imports: '../../../worker/src/main.ts' },
  { from: 'apps/api/src', imports: '../../../packages/core/src/runtime/logger.ts' },
  { from: 'apps/worker/src', imports: '@boxoffice/api/main.ts' },
  { from: 'apps/worker/src', imports: '@boxoffice/standalone/main.ts' },
  { from: 'apps/load/src', imports: '../../api/src/main.ts' },
  { from: 'apps/load/src/target', imports: '../../../worker/src/main.ts' },
  { from: 'apps/load/src', imports: '@boxoffice/api/main.ts' },
  { from: 'apps/api/src', imports: '@boxoffice/load/main.ts' },
]

const ALLOWED: readonly Case[] = [
  // A folder within a room may bear another room's name.
  { from: 'packages/core/src/inventory/queries', imports: '../payments/x.ts' },
  { from: 'packages/core/src/db/schema', imports: 'drizzle-orm/pg-core' },
  { from: 'packages/client/src', imports: './types.ts' },
  { from: 'apps/load/src', imports: '@boxoffice/core/access/tokens.ts' },
  { from: 'apps/load/src', imports: '@boxoffice/client' },
  { from: 'packages/contract/src', imports: '@boxoffice/core/domain/role.ts' },
  { from: 'packages/contract/src', imports: '@boxoffice/core/fields/movie.ts' },
  { from: 'packages/core/src/fields', imports: 'zod' },
  { from: 'packages/core/src/fields', imports: '../domain/money/money.ts' },
  { from: 'apps/api/src', imports: '@boxoffice/contract/access.ts' },
  { from: 'packages/core/src/domain', imports: './lane.ts' },
  { from: 'packages/core/src/domain/money', imports: '../lane.ts' },
  { from: 'apps/api/src', imports: '@boxoffice/core/use-case/problem.ts' },
  { from: 'apps/api/src', imports: 'express' },
  { from: 'apps/api/src/routes', imports: '../problem.ts' },
  { from: 'apps/standalone/src', imports: '../../api/src/main.ts' },
]

/** Imports of other rooms, from every room at every depth: the refused ones and the allowed ones. */
const BETWEEN_ROOMS = roomNames()
  .filter((room) => room !== 'domain')
  .map((room) => ({
    room,
    refused: DEPTHS.flatMap((below) => forbiddenTo(room).map((other) => importOf(room, below, other))),
    allowed: DEPTHS.flatMap((below) => lowerThan(room).map((other) => importOf(room, below, other))),
  }))

describe('import direction', () => {
  let tree: string
  let reports: ReadonlyMap<string, readonly string[]>

  beforeAll(() => {
    tree = realpathSync(mkdtempSync(join(tmpdir(), 'boxoffice-lint-')))
    for (const file of ['oxlint.config.ts', 'rooms.ts']) copyFileSync(join(ROOT, file), join(tree, file))
    symlinkSync(join(ROOT, 'node_modules'), join(tree, 'node_modules'))
    const rooms = BETWEEN_ROOMS.flatMap(({ refused, allowed }) => [...refused, ...allowed])
    for (const item of [...REFUSED, ...ALLOWED, ...rooms]) write(fileOf(item), `import '${item.imports}'\n`)
    write('packages/core/src/mail/cycle/one.ts', "import { two } from './two.ts'\n\nexport const one = () => two\n")
    write('packages/core/src/mail/cycle/two.ts', "import { one } from './one.ts'\n\nexport const two = () => one\n")
    reports = lint(tree)
  }, 60_000)

  afterAll(() => rmSync(tree, { recursive: true, force: true }))

  function write(file: string, text: string): void {
    const path = join(tree, file)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }

  test.each(BETWEEN_ROOMS)('$room imports rooms on lower floors only', ({ refused, allowed }) => {
    const isReported = (item: Case) => reports.get(fileOf(item))?.includes('eslint(no-restricted-imports)') ?? false
    expect(refused.filter((item) => !isReported(item))).toEqual([])
    expect(allowed.filter(isReported)).toEqual([])
  })

  test.each(REFUSED)('$from must not import $imports', (item) => {
    expect(reports.get(fileOf(item))).toContain('eslint(no-restricted-imports)')
  })

  test.each(ALLOWED)('$from may import $imports', (item) => {
    expect(reports.get(fileOf(item)) ?? []).not.toContain('eslint(no-restricted-imports)')
  })

  test('two modules must not import each other', () => {
    expect(reports.get('packages/core/src/mail/cycle/one.ts')).toContain('import(no-cycle)')
  })
})

/** Returns the case of a file of `room` that imports a neighbour's file. */
function importOf(room: RoomName, below: string, other: RoomName): Case {
  const up = '../'.repeat(below.split('/').length)
  return { from: `packages/core/src/${room}${below}`, imports: `${up}${other}/x.ts` }
}

function lowerThan(room: RoomName): readonly RoomName[] {
  return roomNames().filter((other) => ROOMS[other].floor < ROOMS[room].floor)
}

/** Returns the file of a case, named after what it imports. */
function fileOf(item: Case): string {
  const name = item.imports.replaceAll('..', 'up').replaceAll(/[^a-z]+/g, '-')
  return `${item.from}/case-${name}.ts`
}

/** Returns the names of the rules that oxlint reports, by file relative to `directory`. */
function lint(directory: string): Map<string, string[]> {
  const bin = join(ROOT, 'node_modules', 'oxlint', 'bin', 'oxlint')
  const run = spawnSync(process.execPath, [bin, '--format=json'], { cwd: directory, encoding: 'utf8' })
  if (!run.stdout.startsWith('{')) throw new Error(`oxlint did not report: ${run.stdout}${run.stderr}`)
  const { diagnostics } = JSON.parse(run.stdout) as { diagnostics: { code: string; filename: string }[] }
  const rules = new Map<string, string[]>()
  for (const { code, filename } of diagnostics) {
    rules.set(filename, [...(rules.get(filename) ?? []), code])
  }
  return rules
}
