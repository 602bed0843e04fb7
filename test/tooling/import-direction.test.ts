import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

// The project's own linter configuration is run on a tree of one-line files, each with a single import, so that a rule
// that stops matching (a renamed folder, a changed pattern syntax) is noticed.

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

interface Case {
  readonly from: string
  readonly imports: string
}

const REFUSED: readonly Case[] = [
  { from: 'packages/contract/src', imports: '@boxoffice/core/access/tokens.ts' },
  { from: 'packages/contract/src', imports: '@boxoffice/api/main.ts' },
  { from: 'packages/client/src', imports: '@boxoffice/core/domain/role.ts' },
  { from: 'packages/client/src', imports: '@boxoffice/contract/access.ts' },
  { from: 'packages/client/src', imports: 'node:crypto' },
  { from: 'packages/client/src', imports: 'zod' },
  { from: 'packages/core/src', imports: '@boxoffice/contract/access.ts' },
  { from: 'packages/core/src/fields', imports: '../db/connect.ts' },
  { from: 'packages/core/src/fields', imports: '../demo/seed.ts' },
  { from: 'packages/core/src/fields', imports: 'drizzle-orm' },
  { from: 'packages/core/src/domain', imports: 'zod' },
  { from: 'packages/core/src/domain', imports: 'drizzle-orm/pg-core' },
  { from: 'packages/core/src/domain', imports: 'node:crypto' },
  { from: 'packages/core/src/domain', imports: 'crypto' },
  { from: 'packages/core/src/domain', imports: '../logger.ts' },
  { from: 'packages/core/src/domain', imports: '../db/connect.ts' },
  { from: 'packages/core/src/domain', imports: './../settings.ts' },
  { from: 'packages/core/src/domain', imports: '@boxoffice/core/domain/money.ts' },
  { from: 'packages/core/src/db', imports: '../services/errors.ts' },
  { from: 'packages/core/src/db/schema', imports: '../../services/errors.ts' },
  { from: 'packages/core/src/db', imports: '../queue/transport.ts' },
  { from: 'packages/core/src/db', imports: '@boxoffice/api/main.ts' },
  { from: 'packages/core/src/queue', imports: '../services/errors.ts' },
  { from: 'packages/core/src/queue', imports: '../db/connect.ts' },
  { from: 'packages/core/src/queue', imports: '../../../../apps/worker/src/main.ts' },
  { from: 'packages/core/src/payments', imports: '../services/errors.ts' },
  { from: 'packages/core/src/payments/sandbox', imports: '../../services/errors.ts' },
  { from: 'packages/core/src/payments', imports: '../queue/transport.ts' },
  { from: 'packages/core/src/tickets', imports: '../db/connect.ts' },
  { from: 'packages/core/src/tickets', imports: '../services/errors.ts' },
  { from: 'packages/core/src/tickets', imports: '@boxoffice/api/main.ts' },
  { from: 'packages/core/src/mail', imports: '../db/connect.ts' },
  { from: 'packages/core/src/mail', imports: '../services/errors.ts' },
  { from: 'packages/core/src/webhooks', imports: '../db/connect.ts' },
  { from: 'packages/core/src/webhooks', imports: '../services/errors.ts' },
  { from: 'packages/core/src/services', imports: '../../../../apps/api/src/main.ts' },
  { from: 'packages/core/src/services', imports: '@boxoffice/worker/main.ts' },
  { from: 'packages/core/src/services', imports: '../demo/seed.ts' },
  { from: 'packages/core/src', imports: '@boxoffice/standalone/main.ts' },
  { from: 'packages/core/src', imports: '../../../apps/api/src/main.ts' },
  { from: 'apps/api/src', imports: '@boxoffice/worker/main.ts' },
  { from: 'apps/api/src', imports: '../../worker/src/main.ts' },
  { from: 'apps/api/src/routes', imports: '../../../worker/src/main.ts' },
  { from: 'apps/api/src', imports: '../../../packages/core/src/runtime/logger.ts' },
  { from: 'apps/worker/src', imports: '@boxoffice/api/main.ts' },
  { from: 'apps/worker/src', imports: '@boxoffice/standalone/main.ts' },
  { from: 'apps/bench/src', imports: '../../api/src/main.ts' },
  { from: 'packages/load-rig/src', imports: '@boxoffice/api/main.ts' },
  { from: 'packages/load-rig/src', imports: '../../../apps/worker/src/main.ts' },
  { from: 'apps/flood/src', imports: '@boxoffice/bench/main.ts' },
]

const ALLOWED: readonly Case[] = [
  { from: 'packages/client/src', imports: './types.ts' },
  { from: 'packages/load-rig/src', imports: '@boxoffice/core/access/tokens.ts' },
  { from: 'apps/bench/src', imports: '@boxoffice/load-rig/stack.ts' },
  { from: 'packages/core/src/mail', imports: '../tickets/ticket-pdf.ts' },
  { from: 'packages/core/src/webhooks', imports: '../domain/outgoing-event.ts' },
  { from: 'packages/contract/src', imports: '@boxoffice/core/domain/role.ts' },
  { from: 'packages/contract/src', imports: '@boxoffice/core/fields/movie.ts' },
  { from: 'packages/core/src/fields', imports: 'zod' },
  { from: 'packages/core/src/fields', imports: '../domain/money.ts' },
  { from: 'apps/api/src', imports: '@boxoffice/contract/access.ts' },
  { from: 'packages/core/src/domain', imports: './money.ts' },
  { from: 'packages/core/src/db/schema', imports: '../../domain/refusal.ts' },
  { from: 'packages/core/src/db', imports: '../logger.ts' },
  { from: 'packages/core/src/db', imports: 'drizzle-orm' },
  { from: 'packages/core/src/queue', imports: '../domain/lane.ts' },
  { from: 'packages/core/src/queue', imports: '../settings.ts' },
  { from: 'packages/core/src/queue', imports: 'bullmq' },
  { from: 'packages/core/src/payments/sandbox', imports: '../../db/connect.ts' },
  { from: 'packages/core/src/payments/stripe', imports: 'stripe' },
  { from: 'packages/core/src/tickets', imports: '../domain/money.ts' },
  { from: 'packages/core/src/tickets', imports: 'pdfkit' },
  { from: 'packages/core/src/services', imports: '../payments/provider.ts' },
  { from: 'packages/core/src/services', imports: '../tickets/ticket-keys.ts' },
  { from: 'packages/core/src/services', imports: '../domain/decide.ts' },
  { from: 'packages/core/src/services', imports: '../db/connect.ts' },
  { from: 'packages/core/src/services', imports: '../queue/transport.ts' },
  { from: 'apps/api/src', imports: '@boxoffice/core/use-case/problem.ts' },
  { from: 'apps/api/src', imports: 'express' },
  { from: 'apps/api/src/routes', imports: '../problem.ts' },
  { from: 'apps/standalone/src', imports: '../../api/src/main.ts' },
]

describe('import direction', () => {
  let tree: string
  let reports: ReadonlyMap<string, readonly string[]>

  beforeAll(() => {
    tree = realpathSync(mkdtempSync(join(tmpdir(), 'boxoffice-lint-')))
    copyFileSync(join(ROOT, '.oxlintrc.json'), join(tree, '.oxlintrc.json'))
    for (const item of [...REFUSED, ...ALLOWED]) write(fileOf(item), `import '${item.imports}'\n`)
    write('packages/core/src/cycle/one.ts', "import { two } from './two.ts'\n\nexport const one = () => two\n")
    write('packages/core/src/cycle/two.ts', "import { one } from './one.ts'\n\nexport const two = () => one\n")
    reports = lint(tree)
  }, 60_000)

  afterAll(() => rmSync(tree, { recursive: true, force: true }))

  function write(file: string, text: string): void {
    const path = join(tree, file)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }

  test.each(REFUSED)('$from must not import $imports', (item) => {
    expect(reports.get(fileOf(item))).toContain('eslint(no-restricted-imports)')
  })

  test.each(ALLOWED)('$from may import $imports', (item) => {
    expect(reports.get(fileOf(item)) ?? []).not.toContain('eslint(no-restricted-imports)')
  })

  test('two modules must not import each other', () => {
    expect(reports.get('packages/core/src/cycle/one.ts')).toContain('import(no-cycle)')
  })
})

/** One file per case, named after what it imports. */
function fileOf(item: Case): string {
  return `${item.from}/case-${item.imports.replaceAll(/[^a-z]+/g, '-')}.ts`
}

/** The names of the rules that oxlint reports, by file relative to `directory`. */
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
