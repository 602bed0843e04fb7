import { createServer } from 'node:http'
import { describe, expect, it } from 'vitest'
import { findFreePort } from '../support/free-port.ts'
import { listenOnLoopback } from '../support/loopback-server.ts'
import { startScript } from '../support/process.ts'

/** Runs the command; what it says on its way out. */
async function flood(...args: string[]): Promise<string[]> {
  const command = startScript('apps/load/src/main.ts', {}, ['flood', ...args])
  expect(await command.exited).toEqual({ code: 1, signal: null })
  return command.errors().trim().split('\n')
}

const at = (url: string, databaseUrl: string) => [
  '--scenario=on-sale',
  '--quick',
  `--url=${url}`,
  `--database-url=${databaseUrl}`,
  '--jwt-secret=a-secret-of-thirty-two-characters',
]

describe('the command says in a line why it cannot begin', () => {
  it.each([
    ['a file', 'package.json', 'EEXIST'],
    ['below a file', '/dev/null/reports', 'EEXIST'],
    ['where nothing can be made', '/proc/nope', 'ENOENT'],
  ])('when --out is %s', async (_, out, code) => {
    const said = await flood('--scenario', 'on-sale', '--quick', '--out', out)
    expect(said).toEqual([expect.stringMatching(new RegExp(`^--out: .* cannot be made: ${code}`))])
  })

  it('when an option is wrong, without pages of usage', async () => {
    expect(await flood('--scenario', 'nope', '--rate', '-5')).toHaveLength(4)
  })

  it('when nobody answers at --url, before it says anything of settings there', async () => {
    const nobody = `127.0.0.1:${await findFreePort()}`
    expect(await flood(...at(`http://${nobody}`, `postgres://${nobody}/staging`))).toEqual([
      expect.stringContaining(`http://${nobody} does not answer`),
    ])
  })

  it('when there is no database, by the name of the option', async () => {
    const server = await listenOnLoopback(createServer((_request, response) => response.end('{}')))
    try {
      const said = await flood(...at(server.url, `postgres://127.0.0.1:${await findFreePort()}/staging`))
      expect(said.at(-1)).toContain('The database at --database-url cannot be used')
    } finally {
      await server.close()
    }
  })
})
