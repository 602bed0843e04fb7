import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { API, startProcesses, WORKER } from '../../target/processes.ts'
import { verifyRun } from '../../verify/verify-run.ts'
import { type BenchContext, benchScenario, onFreshDatabase, type VerifiedRun } from './bench-context.ts'

const STANDALONE = fileURLToPath(new URL('../../../../standalone/src/main.ts', import.meta.url))
/** The last line of what `npm start` prints. */
const READY = 'Ctrl-C stops everything'
const READY_WITHIN_MS = 120_000
const AIM_MS = 5_000

type Note = (what: string, ms: number) => void

/** Measures the time from starting a process to its being ready. */
export const startUp = benchScenario(
  'start-up',
  'From the start of a process, and of npm start, to its being ready.',
  async (context) => {
    const times = new Map<string, number[]>()
    const note: Note = (what, ms) => {
      times.set(what, [...(times.get(what) ?? []), ms])
      context.say(`start-up: ${what} ${Math.round(ms)} ms`)
    }
    const runs: VerifiedRun[] = []
    for (let round = 1; round <= context.rounds; round++) {
      runs.push(await startEach(context, round, note))
      const directory = await mkdtemp(join(dirname(context.embedded.servers.dataDirectory), 'boxoffice-start-'))
      try {
        note('npm start, the first time', await startAll(directory))
        note('npm start, with its data there', await startAll(directory))
      } finally {
        await rm(directory, { recursive: true, force: true })
      }
    }
    const worst = Math.max(...(times.get('npm start, with its data there') ?? []))
    return {
      tables: [
        {
          title: 'Start-up',
          about: ['from the start of a process to its being ready; of npm start to its last printed line'],
          header: ['', 'ms, each time'],
          rows: [...times].map(([what, all]) => [what, all.map((ms) => String(Math.round(ms))).join(' ')]),
        },
      ],
      aims: [{ what: 'npm start with its data there, ms', value: Math.round(worst), relation: 'under', aim: AIM_MS }],
      runs,
    }
  },
)

/** Starts a worker and an API, one after the other, and stops each. */
const startEach = (context: BenchContext, round: number, note: Note): Promise<VerifiedRun> =>
  onFreshDatabase(context, `start_up_${round}`, async ({ database, options }) => {
    for (const script of [
      { name: 'worker', path: WORKER },
      { name: 'api', path: API },
    ]) {
      const since = performance.now()
      const running = await startProcesses([script], options)
      note(script.name, performance.now() - since)
      await running.stop()
    }
    return { run: `start-up, round ${round}`, ...(await verifyRun({ database, settleWithinMs: null })) }
  })

/** Starts everything as `npm start` does, and stops it. Returns milliseconds to ready. */
async function startAll(directory: string): Promise<number> {
  const { PATH = '', HOME = '' } = process.env
  const since = performance.now()
  const child = spawn(process.execPath, [STANDALONE], {
    env: { PATH, HOME, DATA_DIR: directory, PORT: '0' },
    stdio: ['ignore', 'pipe', 2],
  })
  const ended = Promise.withResolvers<void>()
  const ready = Promise.withResolvers<number>()
  ready.promise.catch(() => {})
  child.once('exit', (code) => {
    ready.reject(new Error(`npm start ended with ${String(code)}`))
    ended.resolve()
  })
  child.once('error', ready.reject)
  const overdue = setTimeout(() => ready.reject(new Error('npm start was not ready in time')), READY_WITHIN_MS)
  let printed = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    printed += text
    if (printed.includes(READY)) ready.resolve(performance.now() - since)
  })
  try {
    return await ready.promise
  } finally {
    clearTimeout(overdue)
    child.kill('SIGINT')
    await ended.promise
  }
}
