import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { GENERATED_PAGES, textOf } from '../../tooling/pages.ts'

it.each(GENERATED_PAGES)('$file is what `npm run docs:generate` writes', (page) => {
  expect(readFileSync(new URL(`../../${page.file}`, import.meta.url), 'utf8')).toBe(textOf(page))
})
