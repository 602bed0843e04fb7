import { globSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { NODE_FLAGS } from '@boxoffice/core/runtime/node-flags.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

test('the image installs every workspace: npm ci refuses a lock file whose workspaces are missing', () => {
  const dockerfile = readFileSync(`${ROOT}/Dockerfile`, 'utf8')
  const workspaces = globSync('{apps,packages}/*/package.json', { cwd: ROOT })
  expect(workspaces.length).toBeGreaterThan(0)
  for (const file of workspaces) {
    expect(dockerfile).toContain(`\nCOPY ${file} ${dirname(file)}/\n`)
  }
})

test('the API and the worker are started with the same flags everywhere', () => {
  const read = (file: string) =>
    readFileSync(`${ROOT}/${file}`, 'utf8')
      .replaceAll(/[",'[\]]/g, ' ')
      .replaceAll(/ +/g, ' ')
  const started = [read('package.json'), read('Dockerfile'), read('docker-compose.yml')].flatMap((text) => [
    ...text.matchAll(/node ([^\n]*)apps\/(?:api|worker)\/src\/main\.ts/g),
  ])
  expect(started).toHaveLength(5)
  for (const [, flags] of started) expect(flags?.trim()).toBe(NODE_FLAGS.join(' '))
})
