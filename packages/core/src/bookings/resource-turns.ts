/**
 * Turns for changes that lock a resource.
 *
 * Keeps: I11. Changes of one showtime or event wait for its lock one after the other, each with a connection of the pool
 * that payments and gates need too, and the decider stands behind all of them. So a process has one of them at the lock at
 * a time; the others wait here, where they cost nothing.
 */
import type { Database } from '../db/connect.ts'
import { Problem } from '../use-case/problem.ts'

/** Changes of one resource at its lock at a time. */
const AT_ONCE = 1
/** Changes of one resource that wait for their turn. */
const MAX_WAITING = 500
/** How long one waits: before its client and the proxies in between give up. */
const WAIT_MS = 10_000

interface Queue {
  inside: number
  readonly waiting: (() => void)[]
}

/** By pool: what waits is a connection of it. */
const queues = new WeakMap<Database, Map<string, Queue>>()

/** Runs `work` when it is the resource's turn. Throws Problem `unavailable` where too many wait already, or for too long. */
export async function inTurn<T>(
  database: Database,
  resourceId: string,
  work: () => Promise<T>,
  waitMs = WAIT_MS,
): Promise<T> {
  const ofPool = queues.get(database) ?? new Map<string, Queue>()
  queues.set(database, ofPool)
  const queue = ofPool.get(resourceId) ?? { inside: 0, waiting: [] }
  ofPool.set(resourceId, queue)
  if (queue.inside < AT_ONCE) queue.inside += 1
  else {
    if (queue.waiting.length >= MAX_WAITING) {
      throw new Problem('unavailable', { cause: new Error('Too many changes of this showtime or event wait.') })
    }
    await placeIn(queue, waitMs)
  }
  try {
    return await work()
  } finally {
    // The next one takes this one's place.
    const next = queue.waiting.shift()
    if (next !== undefined) next()
    else {
      queue.inside -= 1
      if (queue.inside === 0) ofPool.delete(resourceId)
    }
  }
}

/** Resolves once the one before hands its place on. */
function placeIn({ waiting }: Queue, waitMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const enter = () => {
      clearTimeout(timer)
      resolve()
    }
    const timer = setTimeout(() => {
      waiting.splice(waiting.indexOf(enter), 1)
      reject(new Problem('unavailable', { cause: new Error('Changes of this showtime or event take too long.') }))
    }, waitMs)
    waiting.push(enter)
  })
}
