import { globSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

test('the image installs every workspace: npm ci refuses a lock file whose workspaces are missing', () => {
  const dockerfile = readFileSync(`${ROOT}/Dockerfile`, 'utf8')
  const workspaces = globSync('{apps,packages}/*/package.json', { cwd: ROOT })
  expect(workspaces.length).toBeGreaterThan(0)
  for (const file of workspaces) {
    expect(dockerfile).toContain(`\nCOPY ${file} ${dirname(file)}/\n`)
  }
})
