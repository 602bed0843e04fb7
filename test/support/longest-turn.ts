/**
 * Returns the longest turn of the event loop, in ms, during `work`. It counts the processor time of this thread, so
 * that a busy machine makes no difference; `monitorEventLoopDelay` would take it for a long turn.
 */
export async function longestTurnDuring(work: () => Promise<unknown>): Promise<number> {
  let longestMs = 0
  let isDone = false
  let last = process.threadCpuUsage()
  const look = () => {
    const used = process.threadCpuUsage(last)
    last = process.threadCpuUsage()
    longestMs = Math.max(longestMs, (used.user + used.system) / 1_000)
    if (!isDone) setImmediate(look)
  }
  setImmediate(look)
  try {
    await work()
  } finally {
    // One more turn, which sees what the last one took.
    await new Promise((resolve) => setImmediate(resolve))
    isDone = true
  }
  return longestMs
}
