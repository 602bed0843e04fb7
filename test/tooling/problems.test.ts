import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { problemCodesOf } from '@boxoffice/contract/openapi.ts'
import { OPERATIONS } from '@boxoffice/contract/operations.ts'
import { TRANSPORT_PROBLEMS } from '@boxoffice/contract/problems.ts'
import { PROBLEMS } from '@boxoffice/core/domain/problems.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const read = (file: string) => readFileSync(`${ROOT}/${file}`, 'utf8')

/**
 * The patterns of a problem made with its code, and of a table from an error's code in capitals to a problem's code.
 */
const MADE = [/new Problem\(\s*'(\w+)'/g, /^\s+[A-Z_]+: '(\w+)',$/gm]

describe('the table of problems', () => {
  it('has no code that neither an operation nor the transport declares', () => {
    const declared = new Set<string>([...TRANSPORT_PROBLEMS, ...OPERATIONS.flatMap(problemCodesOf)])
    expect(Object.keys(PROBLEMS).filter((code) => !declared.has(code))).toEqual([])
  })

  it('has no code that cannot occur', () => {
    const sources = globSync(['packages/core/src/**/*.ts', 'apps/api/src/**/*.ts'], { cwd: ROOT }).map(read)
    const made = new Set(
      sources.flatMap((text) => MADE.flatMap((making) => [...text.matchAll(making)].map(([, code]) => code))),
    )
    expect(Object.keys(PROBLEMS).filter((code) => !made.has(code))).toEqual([])
  })

  it('has a title and an occasion of its own for each code', () => {
    const kinds = Object.values(PROBLEMS)
    expect(new Set(kinds.map(({ title }) => title)).size).toBe(kinds.length)
    expect(new Set(kinds.map(({ when }) => when)).size).toBe(kinds.length)
  })
})
