import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, test } from 'vitest'
import { REFUSAL_CODES } from '@boxoffice/core/domain/refusal.ts'
import { parseSettings, settingsSchema } from '@boxoffice/core/settings/settings.ts'
import { PROBLEMS } from '@boxoffice/core/domain/problems.ts'

// What the documents say in tables is what the code does. Codes and settings are a contract: a new one is documented.

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const read = (file: string) => readFileSync(`${ROOT}/${file}`, 'utf8')
const README = read('README.md')
const DOCUMENTS = [
  'README.md',
  'docs/http.md',
  'docs/client.md',
  'docs/selling.md',
  'docs/flood.md',
  'docs/limits.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
]

/** The rows of the first table below a heading, without backticks; the header row is left out. */
function tableBelow(document: string, heading: string): string[][] {
  const [, section] = document.split(`\n${heading}\n`)
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

describe('the settings table of the README', () => {
  const rows = tableBelow(README, '## Settings')

  it('has every setting once, in the order of the schema', () => {
    expect(firstColumn(rows)).toEqual(Object.keys(settingsSchema.shape))
  })

  it('has the default of each: setting it explicitly changes nothing', () => {
    for (const [name = '', documented = ''] of rows) {
      const value = documented === 'unset' ? undefined : documented
      expect({ name, settings: parseSettings({ [name]: value }) }).toEqual({ name, settings: parseSettings({}) })
      // A default that is there is documented as such.
      const isSet = Object.entries(parseSettings({})).some(([key, set]) => key === name && set !== undefined)
      expect({ name, isSet }).toEqual({ name, isSet: value !== undefined })
    }
  })

  it('says what each is for', () => {
    for (const [name, , meaning] of rows) expect({ name, meaning }).not.toEqual({ name, meaning: '' })
  })
})

test('the refusal codes of the README are those of the code', () => {
  const rows = tableBelow(README, '## Why a request is refused')
  expect(firstColumn(rows).toSorted()).toEqual(REFUSAL_CODES.toSorted())
})

test('the problem codes of docs/http.md are those of the code, each with its status', () => {
  const rows = tableBelow(read('docs/http.md'), '## Problems')
  const documented = rows.map(([code, status]) => [code, Number(status)])
  expect(documented).toEqual(Object.entries(PROBLEMS).map(([code, { status }]) => [code, status]))
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
