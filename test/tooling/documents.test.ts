import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, test } from 'vitest'
import { REFUSAL_CODES } from '@boxoffice/core/domain/refusals/refusal.ts'

// The tables of the documents agree with the code. Codes and settings are a contract: a new one is documented.

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const read = (file: string) => readFileSync(`${ROOT}/${file}`, 'utf8')
const DOCUMENTS = [
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...readdirSync(`${ROOT}/docs`).map((file) => `docs/${file}`),
]

/** Returns the rows of the first table below a heading, without backticks and without the header row. */
function tableBelow(document: string, heading: string): string[][] {
  const [, section] = `\n${document}`.split(`\n${heading}\n`)
  if (section === undefined) throw new Error(`there is no heading "${heading}"`)
  const lines = section.split('\n')
  const start = lines.findIndex((line) => line.startsWith('|'))
  const end = lines.findIndex((line, index) => index > start && !line.startsWith('|'))
  return lines.slice(start + 2, end).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll('`', '')),
  )
}

const firstColumn = (rows: readonly string[][]) => rows.map(([name = '']) => name)

test('docs/refusals.md has every refusal code with its meaning', () => {
  const rows = tableBelow(read('docs/refusals.md'), '## Codes')
  expect(firstColumn(rows)).toEqual(REFUSAL_CODES)
  for (const [code, meaning] of rows) expect({ code, meaning }).not.toEqual({ code, meaning: '' })
})

test('the glossary names seven types of a booking request at most, each where it is', () => {
  const rows = tableBelow(read('docs/glossary.md'), '## A booking request')
  expect(rows.length).toBeLessThanOrEqual(7)
  for (const [type = '', , file = ''] of rows) {
    const source = read(file.replace('core/', 'packages/core/src/'))
    expect({ type, isExported: new RegExp(`^export (?:interface|type) ${type}\\b`, 'm').test(source) }).toEqual({
      type,
      isExported: true,
    })
  }
})

describe.each(DOCUMENTS)('%s', (document) => {
  const text = read(document)

  it('names only npm commands that exist', () => {
    const manifest: { scripts?: Record<string, string> } = JSON.parse(read('package.json'))
    const scripts = Object.keys(manifest.scripts ?? {})
    for (const [, script] of text.matchAll(/npm run (?:--silent )?([a-z:-]+)/g)) expect(scripts).toContain(script)
  })

  it('links only to files that are there', () => {
    for (const [, target = ''] of text.matchAll(/\]\(([^)#]+)[^)]*\)/g)) {
      if (URL.canParse(target)) continue
      const base = new URL(document, 'file:///').pathname.replace(/[^/]*$/, '')
      expect({ target, exists: existsSync(`${ROOT}${base}${target}`) }).toEqual({ target, exists: true })
    }
  })
})

describe.each(['ARCHITECTURE.md', 'CONTRIBUTING.md', 'docs/locking.md', 'docs/decisions.md', 'docs/testing.md'])(
  'the paths in %s',
  (document) => {
    /** Folders that a path may begin below. */
    const BASES = ['.', 'packages/core/src', 'packages', 'apps', 'docs']
    const named = [...read(document).matchAll(/`([a-z.][\w.-]*(?:\/[\w.-]+)+\/?)`/g)].map(([, path = '']) => path)

    it('are there', () => {
      const exists = (path: string) => BASES.some((base) => existsSync(join(ROOT, base, path)))
      expect(named.filter((path) => !exists(path))).toEqual([])
    })
  },
)

test('the README has at most 10 KB', () => {
  expect(Buffer.byteLength(read('README.md'))).toBeLessThanOrEqual(10_240)
})
