import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { API, startProcesses, WORKER } from '@boxoffice/load-rig/product.ts'
import { type BenchContext, processOptions } from '../context.ts'
import type { Figures } from '../figures.ts'

const STANDALONE = fileURLToPath(new URL('../../../standalone/src/main.ts', import.meta.url))
/** The last line of what `npm start` prints. */
const READY = 'Ctrl-C stops everything'
const READY_WITHIN_MS = 120_000
const AIM_MS = 5_000

/** From starting a process to its being ready. */
export async function measureStartUp(context: BenchContext): Promise<Figures> {
  const { rounds, parent } = context.options
  const times = new Map<string, number[]>()
  const note = (what: string, ms: number) => {
    times.set(what, [...(times.get(what) ?? []), ms])
    context.say(`start-up: ${what} ${Math.round(ms)} ms`)
  }
  for (let round = 1; round <= rounds; round++) {
    const bench = await context.stack.prepare(`bench_start_up_${round}`)
    try {
      for (const script of [
        { name: 'worker', path: WORKER },
        { name: 'api', path: API },
      ]) {
        const since = performance.now()
        const running = await startProcesses([script], processOptions(context, bench, `start_up_${script.name}`))
        note(script.name, performance.now() - since)
        await running.stop()
      }
    } finally {
      await bench.drop()
    }
    const directory = await mkdtemp(join(parent, 'boxoffice-start-'))
    try {
      note('npm start, the first time', await startAll(directory))
      note('npm start, with its data there', await startAll(directory))
    } finally {
      await rm(directory, { recursive: true, force: true })
    }
  }
  const worst = Math.max(...(times.get('npm start, with its data there') ?? []))
  return {
    title: 'Start-up',
    about: ['from the start of a process to its being ready; of npm start to its last printed line'],
    header: ['', 'ms, each time'],
    rows: [...times].map(([what, all]) => [what, all.map((ms) => String(Math.round(ms))).join(' ')]),
    aims: [{ what: 'npm start with its data there, ms', value: Math.round(worst), relation: 'under', aim: AIM_MS }],
    problems: [],
  }
}

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
