import { access } from 'node:fs/promises'
import { Piscina } from 'piscina'
import type { Logger } from './logger.ts'

/** A thread for work that would keep the event loop for long. One task after the other, in the order they are asked for. */
export interface Thread<Task, Result> {
  /**
   * Runs a task, and throws what it throws. Throws too where it takes too long, the thread has run out of memory or cannot
   * be started, and once it is closed.
   *
   * @param transfer what the task gives away instead of having it copied
   */
  run(task: Task, transfer?: readonly ArrayBuffer[]): Promise<Result>
  /** Closes the thread. Calls that still wait reject. */
  close(): Promise<void>
}

/** The thread was closed: what it was to do is left to another process. */
export class ThreadClosedError extends Error {
  override readonly name = 'ThreadClosedError'
}

export interface ThreadOptions {
  /** Module whose exported function `name` does a task. */
  readonly file: URL
  readonly name: string
  readonly withinMs: number
  /** Memory that outlives a collection, in MB. Without a limit a thread grows to hundreds of megabytes of garbage. */
  readonly oldGenerationMb: number
  readonly youngGenerationMb: number
  readonly logger: Logger
}

/** Time after which an idle thread ends, so that a start or a quiet hour pays for none. */
const IDLE_MS = 30_000

/** Deciding, answering and the database come first where the processors are busy. Linux knows it by thread. */
const NICE = 10

/** Opens a thread, which is started with its first task and ends when it has been idle for a while. */
export function openThread<Task, Result>(options: ThreadOptions): Thread<Task, Result> {
  const { file, name, withinMs, oldGenerationMb, youngGenerationMb, logger } = options
  const pool = new Piscina<Task, Result>({
    filename: file.href,
    name,
    minThreads: 0,
    maxThreads: 1,
    idleTimeout: IDLE_MS,
    resourceLimits: { maxOldGenerationSizeMb: oldGenerationMb, maxYoungGenerationSizeMb: youngGenerationMb },
    ...(process.platform === 'linux' && { niceIncrement: NICE }),
  })
  // The thread could not be started; the work it was given ends by its time limit.
  pool.on('error', (error: unknown) => logger.error({ err: error, task: name }, 'a thread could not do its work'))
  // The threads for files and cryptography, which all share, step back as far as whoever makes Node start them.
  const sharedThreads = access(file)
  sharedThreads.catch(() => {})
  let closed = false
  let last: Promise<unknown> = sharedThreads
  const runOne = async (task: Task, transfer: readonly ArrayBuffer[]) => {
    // A closed pool would begin anew.
    if (closed) throw new ThreadClosedError('The thread is closed.')
    return await pool.run(task, { signal: AbortSignal.timeout(withinMs), transferList: [...transfer] })
  }
  return {
    // The pool's own queue keeps no order, and loses whoever waits in it when a thread dies: it never gets more than one.
    run: (task, transfer = []) => {
      const done = last.catch(() => {}).then(() => runOne(task, transfer))
      last = done
      return done
    },
    close: () => {
      closed = true
      return pool.destroy()
    },
  }
}
