import { setTimeout as pause } from 'node:timers/promises'
import type { Disturbance } from './disturbance.ts'

const FREEZE_MS = 3_000

/** Redis stops answering, its connections open, in the middle of the measured time. */
export const frozenRedis: Disturbance = {
  name: 'Redis frozen for a while',
  countsCatchingUp: true,
  begin: ({ context }) => {
    const { embedded, durationMs } = context
    const redis = embedded.servers.watched.find(({ name }) => name === 'redis')
    if (redis === undefined) throw new Error('there is no Redis to freeze')
    // A short run has no room for the whole of it.
    const freezeMs = Math.min(FREEZE_MS, durationMs / 2)
    let freezing: Promise<number> | null = null
    return Promise.resolve({
      measuring: () => {
        freezing = freeze(redis.pid, (durationMs - freezeMs) / 2, freezeMs)
        freezing.catch(() => {})
      },
      end: async () => {
        const frozenMs = await freezing
        return frozenMs === null
          ? { remark: '', problems: ['Redis was never frozen'] }
          : { remark: `frozen for ${Math.round(frozenMs)} ms`, problems: [] }
      },
      release: async () => {
        await freezing?.catch(() => {})
      },
    })
  },
}

/** Freezes a process for a while, `afterMs` from now. Returns for how long. */
async function freeze(pid: number, afterMs: number, forMs: number): Promise<number> {
  await pause(afterMs)
  process.kill(pid, 'SIGSTOP')
  const since = performance.now()
  try {
    await pause(forMs)
  } finally {
    process.kill(pid, 'SIGCONT')
  }
  return performance.now() - since
}
