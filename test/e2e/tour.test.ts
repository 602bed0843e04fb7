import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isOnPath } from '../support/curl.ts'
import { DOCUMENTED_URL, paste, patternOf, readSteps } from '../support/documented-steps.ts'
import { eventually } from '../support/eventually.ts'
import { startScript, type TestProcess } from '../support/process.ts'
import { makeTemporaryDirectory } from '../support/temporary-directory.ts'

// The tours of the documents, each pasted block by block into one bash. A block prints what is documented below it.

/** The time that a fresh cluster may take on a busy machine. */
const READY_WITHIN_MS = 50_000

const hasTools = (await isOnPath('bash')) && (await isOnPath('curl'))
if (!hasTools) process.stderr.write('Not run: the tours of the documents, for bash or curl is not on PATH.\n')

const TOURS = [
  { document: 'README.md', steps: readSteps('README.md', 'bash') },
  {
    // The operators' blocks continue the tour.
    document: 'docs/tour.md and docs/operations.md',
    steps: [...readSteps('docs/tour.md', 'bash'), ...readSteps('docs/operations.md', 'bash')],
  },
  { document: 'docs/selling.md', steps: readSteps('docs/selling.md', 'bash') },
  { document: 'docs/http.md', steps: readSteps('docs/http.md', 'bash') },
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
    const scripts = steps.map(({ script }) => script.replace(DOCUMENTED_URL, url))
    // Tokens are made with the secrets of the instance, as they are in the project's directory by default.
    const pasted = await paste(scripts, { DATA_DIR: data.path })
    outputs = pasted.outputs
    complaints = pasted.complaints
  })

  it('is a tour: there are blocks to paste, and they say where Boxoffice is', () => {
    expect(steps.length).toBeGreaterThan(0)
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
