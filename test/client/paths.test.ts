import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { clientPaths } from '@boxoffice/contract/client-paths.ts'
import { OPERATIONS } from '@boxoffice/contract/operations.ts'

it('the client knows the paths of the contract: npm run client:paths', () => {
  const file = new URL('../../packages/client/src/paths.ts', import.meta.url)
  expect(readFileSync(file, 'utf8')).toBe(clientPaths(OPERATIONS))
})
