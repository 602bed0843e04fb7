import { type ChildProcess, spawn } from 'node:child_process'

const READY_WITHIN_MS = 30_000
const STOP_WITHIN_MS = 15_000

/** A child process that could not be started or did not stay up. The message is for the person at the keyboard. */
export class ChildError extends Error {
  override readonly name = 'ChildError'
}

export interface Child {
  readonly name: string
  readonly pid: number
  readonly process: ChildProcess
  /** Rejects with `ChildError` when it ends unasked. Never resolves. */
  readonly failed: Promise<never>
  /** Asks it to stop, waits, and kills it when that takes too long. */
  stop(): Promise<void>
}

const running = new Set<ChildProcess>()
process.once('exit', killChildren)

/** Kills whatever is still running, at once: for the end of this process, however it comes. */
export function killChildren(): void {
  for (const child of running) child.kill('SIGKILL')
}

export interface ChildOptions {
  readonly name: string
  readonly command?: string
  readonly args: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  /** Switch of the channel. Without it there is none, and what the program prints is thrown away. */
  readonly talks?: boolean
}

/** Starts a program, Node unless told otherwise, with nothing of our own environment but what it needs to run. */
export function startChild({
  name,
  command = process.execPath,
  args,
  environment = {},
  talks = true,
}: ChildOptions): Child {
  const { PATH, HOME, NODE_COMPILE_CACHE } = process.env
  const child = spawn(command, [...args], {
    env: { PATH, HOME, NODE_COMPILE_CACHE, ...environment },
    // In a session of its own, so that Ctrl-C reaches us alone and we stop things in order. What it prints goes to our
    // stderr: stdout is for the report.
    detached: true,
    stdio: talks ? ['ignore', 2, 2, 'ipc'] : 'ignore',
  })
  running.add(child)
  let stopping = false
  const ended = Promise.withResolvers<void>()
  const failed = Promise.withResolvers<never>()
  failed.promise.catch(() => {})
  child.once('error', (error) => {
    running.delete(child)
    failed.reject(new ChildError(`${name} cannot be started: ${error.message}`))
    ended.resolve()
  })
  child.once('exit', (code, signal) => {
    running.delete(child)
    if (!stopping) failed.reject(new ChildError(`${name} ended by itself (${signal ?? `exit code ${code}`}).`))
    ended.resolve()
  })
  return {
    name,
    pid: child.pid ?? 0,
    process: child,
    failed: failed.promise,
    stop: async () => {
      stopping = true
      if (!running.has(child)) return
      child.kill('SIGTERM')
      const overdue = setTimeout(() => void child.kill('SIGKILL'), STOP_WITHIN_MS)
      await ended.promise
      clearTimeout(overdue)
    },
  }
}

/** Waits for the first message of a child: it is ready. Rejects with `ChildError`, and stops it, when none comes. */
export async function firstMessage(child: Child): Promise<unknown> {
  const message = Promise.withResolvers<unknown>()
  child.process.once('message', message.resolve)
  const overdue = setTimeout(
    () => message.reject(new ChildError(`${child.name} was not ready within ${READY_WITHIN_MS / 1_000} s.`)),
    READY_WITHIN_MS,
  ).unref()
  try {
    return await Promise.race([message.promise, child.failed])
  } catch (error) {
    await child.stop()
    throw error
  } finally {
    clearTimeout(overdue)
  }
}
