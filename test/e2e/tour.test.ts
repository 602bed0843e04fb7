import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isOnPath } from '../support/curl.ts'
import { eventually } from '../support/eventually.ts'
import { startScript, type TestProcess } from '../support/process.ts'
import { makeTemporaryDirectory } from '../support/temporary-directory.ts'

// The tours of the documents, each pasted block by block into one bash. What is documented below a block is what it prints.

const READY_WITHIN_MS = 20_000
const DOCUMENTED_URL = 'http://127.0.0.1:3000'

const hasTools = (await isOnPath('bash')) && (await isOnPath('curl'))
if (!hasTools) process.stderr.write('Not run: the tours of the documents, for bash or curl is not on PATH.\n')

interface Step {
  /** The nearest heading. */
  readonly title: string
  readonly script: string
  /** `…` stands for anything on a line, or for any lines where it is alone on one. */
  readonly prints: string
}

const TOURS = [
  { document: 'README.md', steps: readTour('README.md', /^## A five-minute tour$(.*?)^## /ms) },
  { document: 'docs/selling.md', steps: readTour('docs/selling.md', /(.*)/s) },
]

let data: Awaited<ReturnType<typeof makeTemporaryDirectory>>
let standalone: TestProcess | undefined
let url = ''

beforeAll(async () => {
  if (!hasTools) return
  data = await makeTemporaryDirectory()
  const started = startScript('apps/standalone/src/main.ts', { DATA_DIR: data.path, PORT: '0' })
  standalone = started
  url = await eventually(
    () => {
      const output = started.output()
      if (!output.includes('Ctrl-C stops everything')) throw new Error(`not ready yet:\n${output}`)
      return /API +(\S+)/.exec(output)?.[1] ?? ''
    },
    { withinMs: READY_WITHIN_MS, everyMs: 50 },
  )
})
afterAll(async () => {
  await standalone?.stop()
  await data?.remove()
})

describe.each(TOURS)('the tour of $document', ({ steps }) => {
  let outputs: string[] = []
  let complaints = ''
  beforeAll(async () => {
    if (!hasTools) return
    const pasted = await paste(steps.map(({ script }) => script.replace(DOCUMENTED_URL, url)))
    outputs = pasted.outputs
    complaints = pasted.complaints
  })

  it('is a tour: there are blocks to paste, and they say where Boxoffice is', () => {
    expect(steps.length).toBeGreaterThan(9)
    expect(steps[0]?.script).toContain(DOCUMENTED_URL)
  })

  it.runIf(hasTools).each(steps.map((step, index) => ({ ...step, index })))(
    'step $index, $title: prints what the document says',
    ({ index, prints }) => {
      expect(outputs[index]).toMatch(patternOf(prints))
    },
  )

  it.runIf(hasTools)('complains about nothing on the way', () => {
    expect(complaints).toBe('')
  })
})

/** The bash blocks of a document's part, each with the block below it that says what it prints. */
function readTour(document: string, part: RegExp): Step[] {
  const text = readFileSync(fileURLToPath(new URL(`../../${document}`, import.meta.url)), 'utf8')
  const section = part.exec(text)?.[1] ?? ''
  const steps: Step[] = []
  let title = 'the start'
  for (const [, heading, language, body = ''] of section.matchAll(/^###? ([^\n]*)$|^```(\w*)\n(.*?)^```$/gms)) {
    const last = steps.at(-1)
    if (heading !== undefined) title = heading
    else if (language === 'bash') steps.push({ title, script: body, prints: '' })
    else if (last?.prints === '') steps[steps.length - 1] = { ...last, prints: body }
    else throw new Error(`what prints this?\n${body}`)
  }
  return steps
}

/** Runs the blocks in one shell, for each builds on those before it. */
async function paste(blocks: readonly string[]): Promise<{ outputs: string[]; complaints: string }> {
  const end = '=== end of block ==='
  // Tokens are made with the secrets of the instance, as they are in the project's directory by default.
  const env = { ...process.env, DATA_DIR: data.path }
  const shell = spawn('bash', ['--noprofile', '--norc'], { stdio: 'pipe', env })
  const [stdout, complained] = [text(shell.stdout), text(shell.stderr)]
  // As from a terminal the shell reads on from where a command has left off, so commands get an input of their own.
  shell.stdin.end(blocks.map((block) => `{\n${block}\n} </dev/null\necho '${end}'\n`).join(''))
  await once(shell, 'close')
  const printed = (await stdout).replaceAll('\r', '').split(`${end}\n`)
  return { outputs: printed.slice(0, blocks.length).map((output) => output.trim()), complaints: await complained }
}

const escaped = (text: string) => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`)

function patternOf(documented: string): RegExp {
  const lines = documented
    .trim()
    .split('\n')
    .map((line) => (line.trim() === '…' ? String.raw`(?:.*\n)*?` : `${escaped(line).replaceAll('…', '.*')}\n`))
  // The last line has no line break of its own.
  return new RegExp(`^${lines.join('').replace(/\n$/, '')}$`)
}
