import { execFile, spawn } from 'node:child_process'
import { existsSync, realpathSync } from 'node:fs'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { delimiter, join, sep } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DOCUMENTED_URL, END_OF_BLOCK, patternOf, readSteps, splitOutput } from '../support/documented-steps.ts'
import { shared } from '../support/shared.ts'
import { type Standalone, startStandalone } from '../support/standalone.ts'
import { makeTemporaryDirectory } from '../support/temporary-directory.ts'

// The client as an integrator gets it: packed, installed in an empty project without any network, checked by TypeScript
// there, and run. The program is that of docs/client.md.

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const COMPILER = join(ROOT, 'node_modules/typescript/bin/tsc')
const STEPS = readSteps('docs/client.md', 'ts')

/** This Node, and those on PATH that are not the project's own, which an integrator would use. */
const NODES = [
  ...new Set([
    realpathSync(process.execPath),
    ...(process.env['PATH'] ?? '')
      .split(delimiter)
      .map((directory) => join(directory, 'node'))
      .filter((file) => existsSync(file))
      .map((file) => realpathSync(file))
      .filter((file) => !file.includes(`${sep}node_modules${sep}`)),
  ]),
]

const WRONG = `import { BoxofficeClient } from '@boxoffice/client'

const client = new BoxofficeClient({ baseUrl: '' })
// @ts-expect-error the path has parameters
export const one = () => client.call('getBooking')
// @ts-expect-error there is no such operation
export const two = () => client.call('bookEverything')
// @ts-expect-error a booking has no such field
export const three = async () => (await client.call('getBooking', { params: { reference: '' } })).colour
`

const SETTINGS = {
  nodenext: { module: 'nodenext', moduleResolution: 'nodenext' },
  bundler: { module: 'esnext', moduleResolution: 'bundler' },
}

const run = promisify(execFile)

let project = ''
let standalone: Standalone | undefined
/** The compiler's errors, by name of the settings. */
const complaints = new Map<string, string>()

const directory = shared(makeTemporaryDirectory, (opened) => opened.remove())
beforeAll(async () => {
  project = join(directory.path, 'project')
  await install()
})
// Hooks of their own, for each of these takes its time on a busy machine.
beforeAll(async () => {
  standalone = await startStandalone()
})
beforeAll(async () => {
  const blocks = STEPS.map(({ script }) => `${script}\nconsole.log('${END_OF_BLOCK}')\n`)
  await writeFile(join(project, 'program.ts'), blocks.join('').replace(DOCUMENTED_URL, standalone?.url ?? ''))
  await writeFile(join(project, 'wrong.ts'), WRONG)
  for (const [name, settings] of Object.entries(SETTINGS)) {
    const compilerOptions = {
      ...settings,
      target: 'es2022',
      lib: ['es2022', 'dom', 'dom.iterable'],
      types: [],
      strict: true,
      exactOptionalPropertyTypes: true,
      outDir: name,
      rootDir: '.',
    }
    await writeFile(
      join(project, `${name}.json`),
      JSON.stringify({ compilerOptions, files: ['program.ts', 'wrong.ts'] }),
    )
    complaints.set(name, await compile(name))
  }
})
afterAll(() => standalone?.stop())

/** Compiles under these settings and resolves with the compiler's errors. */
async function compile(name: string): Promise<string> {
  const args = [COMPILER, '-p', `${name}.json`]
  const compiler = spawn(process.execPath, args, { cwd: project, stdio: ['ignore', 'pipe', 'inherit'] })
  return text(compiler.stdout)
}

async function install(): Promise<void> {
  const environment = { ...process.env, npm_config_cache: join(directory.path, 'cache') }
  const npm = (cwd: string, ...args: readonly string[]) =>
    run('npm', ['--offline', '--no-audit', '--no-fund', '--no-update-notifier', ...args], { cwd, env: environment })
  await npm(ROOT, 'run', 'build', '-w', 'packages/client')
  await npm(ROOT, 'pack', './packages/client/dist', '--pack-destination', directory.path)
  await mkdir(project)
  await writeFile(join(project, 'package.json'), JSON.stringify({ private: true, type: 'module' }))
  const packed = (await readdir(directory.path)).filter((file) => file.endsWith('.tgz'))
  await npm(project, 'install', ...packed.map((file) => join(directory.path, file)))
}

it('brings nothing along', async () => {
  expect((await readdir(join(project, 'node_modules'))).filter((name) => !name.startsWith('.'))).toEqual(['@boxoffice'])
  const manifest: unknown = JSON.parse(
    await readFile(join(project, 'node_modules/@boxoffice/client/package.json'), 'utf8'),
  )
  const { version, license }: { version: string; license: string } = JSON.parse(
    await readFile(join(ROOT, 'package.json'), 'utf8'),
  )
  expect(manifest).toMatchObject({ name: '@boxoffice/client', version, license })
  expect(manifest).not.toHaveProperty('dependencies')
})

describe.each(Object.keys(SETTINGS))('with module resolution %s', (name) => {
  it('TypeScript finds its types, and what is wrong', () => {
    expect(complaints.get(name)).toBe('')
    expect(existsSync(join(project, name, 'program.js'))).toBe(true)
  })
})

it('the document is a program: there are blocks, and they say where Boxoffice is', () => {
  expect(STEPS.length).toBeGreaterThan(9)
  expect(STEPS[0]?.script).toContain(DOCUMENTED_URL)
})

describe.each(NODES)('docs/client.md, run by %s', (node) => {
  it('prints what it says', async () => {
    const { stdout } = await run(node, ['nodenext/program.js'], { cwd: project })
    const outputs = splitOutput(stdout, STEPS.length)
    for (const [index, { prints }] of STEPS.entries()) expect(outputs[index]).toMatch(patternOf(prints))
  })
})
