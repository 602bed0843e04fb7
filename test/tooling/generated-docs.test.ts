import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { GENERATED_PAGES, textOf } from '../../tooling/pages.ts'

it.each(GENERATED_PAGES)('$file is what `npm run docs:generate` writes', (page) => {
  expect(readFileSync(new URL(`../../${page.file}`, import.meta.url), 'utf8')).toBe(textOf(page))
})

it('the formatter leaves generated pages as they are written', () => {
  const { ignorePatterns } = JSON.parse(readFileSync(new URL('../../.oxfmtrc.json', import.meta.url), 'utf8'))
  expect(ignorePatterns).toEqual(expect.arrayContaining(GENERATED_PAGES.map(({ file }) => file)))
})
