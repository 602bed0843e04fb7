import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { GENERATED_PAGES } from '@boxoffice/contract/docs/pages.ts'

test.each(Object.entries(GENERATED_PAGES))('%s is what the code says: npm run docs:generate', (path, page) => {
  expect(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')).toBe(page())
})
