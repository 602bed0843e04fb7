import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { TEST_LOG } from './logger.ts'
import { TEST_SECRETS } from './tokens.ts'

const READY_WITHIN_MS = 20_000
const STOP_WITHIN_MS = 15_000
const ROOT = fileURLToPath(new URL('../..', import.meta.url))

export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

export interface TestProcess {
  readonly pid: number
  /** Returns everything written to stdout and stderr so far. */
  output(): string
  /** Returns everything written to stderr alone. */
  errors(): string
  readonly exited: Promise<Exit>
  /** Sends SIGSTOP: its sockets and locks stay, it does nothing. */
  freeze(): void
  resume(): void
  /** Sends SIGKILL, also to a frozen process. */
  kill(): Promise<Exit>
  /** Sends SIGTERM, and SIGKILL with an error if it does not end. */
  stop(): Promise<Exit>
}

export interface TestApi extends TestProcess {
  readonly url: string
}

/**
 * Settings with limits off, because a test sends from one address what a crowd would, and without a second of warming up.
 * Pass `LIMITS: 'on'` and `WARM_UP: 'on'` for tests of them.
 */
const DEFAULTS = { PORT: '0', LOG_LEVEL: 'warn', NODE_ENV: 'test', LIMITS: 'off', WARM_UP: 'off', ...TEST_SECRETS }

/** The log level that the person who runs the tests has asked for. */
const ASKED_FOR = TEST_LOG === undefined ? {} : { LOG_LEVEL: TEST_LOG }

const SCRIPTS = { api: 'apps/api/src/main.ts', worker: 'apps/worker/src/main.ts' } as const

/**
 * Starts the real API (on a free port) or worker as a process of its own, and resolves when it is ready. The
 * environment is PATH, `TEST_SECRETS` and `environment`; pass at least DATABASE_URL.
 */
export function startProcess(app: 'api', environment: Readonly<Record<string, string>>): Promise<TestApi>
export function startProcess(app: 'worker', environment: Readonly<Record<string, string>>): Promise<TestProcess>
export async function startProcess(
  app: 'api' | 'worker',
  environment: Readonly<Record<string, string>>,
): Promise<TestProcess> {
  const { child, handle } = launch(SCRIPTS[app], { ...DEFAULTS, ...environment, ...ASKED_FOR })
  const message = await firstMessage(child, handle)
  if (app === 'worker') return handle
  const url = `http://127.0.0.1:${message.port}`
  await awaitAnswer(`${url}/readyz`, handle)
  return Object.assign(handle, { url })
}

/** Starts any script of the project, for tests of its output and exit code. */
export function startScript(
  script: string,
  environment: Readonly<Record<string, string>>,
  args: readonly string[] = [],
): TestProcess {
  return launch(script, environment, args).handle
}

function inherited(): NodeJS.ProcessEnv {
  const { PATH, HOME, NODE_COMPILE_CACHE } = process.env
  return { PATH, HOME, NODE_COMPILE_CACHE }
}

function launch(script: string, environment: Readonly<Record<string, string>>, args: readonly string[] = []) {
  const child = spawn(process.execPath, [script, ...args], {
    cwd: ROOT,
    env: { ...inherited(), ...environment },
    // The channel lets it report that it is ready, and end by itself when the tests do.
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  let output = ''
  let errors = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    output += text
    errors += text
  })
  if (TEST_LOG !== undefined) for (const stream of [child.stdout, child.stderr]) stream?.pipe(process.stderr)
  const onExit = () => void child.kill('SIGKILL')
  process.once('exit', onExit)
  const exit = Promise.withResolvers<Exit>()
  child.once('error', exit.reject)
  // `close`, not `exit`: by then everything it wrote has arrived.
  child.once('close', (code, signal) => {
    process.off('exit', onExit)
    exit.resolve({ code, signal })
  })
  const kill = async () => {
    child.kill('SIGKILL')
    return exit.promise
  }
  const handle: TestProcess = {
    pid: child.pid ?? 0,
    output: () => output,
    errors: () => errors,
    exited: exit.promise,
    freeze: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    kill,
    stop: async () => {
      child.kill('SIGTERM')
      const overdue = setTimeout(() => void child.kill('SIGKILL'), STOP_WITHIN_MS)
      const result = await exit.promise
      clearTimeout(overdue)
      if (result.signal === 'SIGKILL') throw new Error(`${script} did not stop when asked to:\n${output}`)
      return result
    },
  }
  return { child, handle }
}

/** Waits until the app reports that it is ready: the API with `{port}`, the worker with `{ready: true}`. */
async function firstMessage(child: ChildProcess, handle: TestProcess): Promise<{ port: number }> {
  const message = Promise.withResolvers<{ port: number }>()
  child.once('message', (content) => {
    const port = content instanceof Object && 'port' in content ? Number(content.port) : 0
    message.resolve({ port })
  })
  const overdue = setTimeout(() => {
    message.reject(new Error(`not ready in time:\n${handle.output()}`))
    child.kill('SIGKILL')
  }, READY_WITHIN_MS)
  void handle.exited.then(({ code }) => message.reject(new Error(`ended with code ${code}:\n${handle.output()}`)))
  try {
    return await message.promise
  } finally {
    clearTimeout(overdue)
  }
}

async function awaitAnswer(url: string, handle: TestProcess): Promise<void> {
  const deadline = Date.now() + READY_WITHIN_MS
  for (;;) {
    const response = await fetch(url).catch(() => undefined)
    await response?.body?.cancel()
    if (response?.status === 200) return
    if (Date.now() > deadline) {
      await handle.kill()
      throw new Error(`${url} does not answer 200:\n${handle.output()}`)
    }
    await new Promise((resolve) => void setTimeout(resolve, 50))
  }
}
