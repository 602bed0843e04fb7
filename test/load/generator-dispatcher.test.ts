import { describe, expect, it } from 'vitest'
import { Dispatcher } from '../../apps/load/src/generator/dispatcher.ts'

interface Sent {
  readonly index: number
  readonly lagMs: number
  readonly ownLagMs: number
  readonly answer: () => void
}

/** Opens a dispatcher on the real clock whose answers come when the test says so. */
function open(atMs: readonly number[], { clients, sendUntilMs = 60_000 }: { clients: number; sendUntilMs?: number }) {
  const startMs = performance.now()
  const sent: Sent[] = []
  let most = 0
  let inFlight = 0
  let awaited = Promise.withResolvers<void>()
  const dispatcher = new Dispatcher({
    atMs: Float64Array.from(atMs),
    clients,
    sendUntilMs,
    now: () => performance.now() - startMs,
    send: async (index, lagMs, ownLagMs) => {
      most = Math.max(most, ++inFlight)
      const answer = Promise.withResolvers<void>()
      sent.push({ index, lagMs, ownLagMs, answer: answer.resolve })
      awaited.resolve()
      await answer.promise
      inFlight--
    },
  })
  return {
    dispatcher,
    sent,
    most: () => most,
    /** Resolves when this many have been sent. */
    sentAtLeast: async (count: number) => {
      while (sent.length < count) {
        awaited = Promise.withResolvers()
        await awaited.promise
      }
    },
    now: () => performance.now() - startMs,
  }
}

describe('the dispatcher', () => {
  it('sends what is due although nothing is answered', async () => {
    const loop = open([0, 10, 20, 30, 40], { clients: 10 })
    const over = loop.dispatcher.run()
    await loop.sentAtLeast(5)
    expect(loop.sent.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4])
    expect(loop.now()).toBeGreaterThanOrEqual(40)
    for (const { answer } of loop.sent) answer()
    await over
    expect(loop.dispatcher.sent).toBe(5)
  })

  it('sends nothing before its time', async () => {
    const loop = open([30], { clients: 1 })
    const over = loop.dispatcher.run()
    expect(loop.sent).toHaveLength(0)
    await loop.sentAtLeast(1)
    expect(loop.sent[0]?.lagMs).toBeGreaterThanOrEqual(0)
    loop.sent[0]?.answer()
    await over
  })

  it('never has more in flight than there are clients, and keeps the order of who waits', async () => {
    const loop = open(
      Array.from({ length: 20 }, () => 0),
      { clients: 3 },
    )
    const over = loop.dispatcher.run()
    for (let answered = 0; answered < 20; answered++) {
      await loop.sentAtLeast(answered + 1)
      loop.sent[answered]?.answer()
    }
    await over
    expect(loop.sent.map(({ index }) => index)).toEqual(Array.from({ length: 20 }, (_, index) => index))
    expect(loop.most()).toBe(3)
  })

  it('counts the wait for a free client as lag, and not as its own', async () => {
    const loop = open([0, 0, 100], { clients: 1 })
    const over = loop.dispatcher.run()
    await loop.sentAtLeast(1)
    // The second waits for as long as the first is not answered.
    const timer = Promise.withResolvers<void>()
    setTimeout(() => timer.resolve(), 60)
    await timer.promise
    expect(loop.dispatcher.waiting).toBe(1)
    loop.sent[0]?.answer()
    await loop.sentAtLeast(2)
    const [, second] = loop.sent
    expect(second?.lagMs).toBeGreaterThanOrEqual(59)
    expect(second?.ownLagMs).toBeLessThan(second?.lagMs ?? 0)
    expect(second?.ownLagMs).toBeLessThan(30)
    second?.answer()
    await loop.sentAtLeast(3)
    loop.sent[2]?.answer()
    await over
  })

  it('leaves what it could not send in time unsent, and still waits for the answers to the rest', async () => {
    const loop = open([0, 0, 0], { clients: 1, sendUntilMs: 30 })
    let isOver = false
    const over = loop.dispatcher.run().then(() => {
      isOver = true
    })
    await loop.sentAtLeast(1)
    const closed = Promise.withResolvers<void>()
    setTimeout(() => closed.resolve(), 50)
    await closed.promise
    expect(isOver).toBe(false)
    loop.sent[0]?.answer()
    await over
    expect(loop.dispatcher.sent).toBe(1)
    expect(loop.dispatcher.waiting).toBe(2)
  })

  it('is over at once where nobody is intended', async () => {
    const loop = open([], { clients: 1 })
    await loop.dispatcher.run()
    expect(loop.sent).toHaveLength(0)
  })

  it('passes on that sending failed over a bug', async () => {
    const dispatcher = new Dispatcher({
      atMs: Float64Array.of(0),
      clients: 1,
      sendUntilMs: 1_000,
      now: () => 1,
      send: () => Promise.reject(new Error('a bug')),
    })
    await expect(dispatcher.run()).rejects.toThrow('a bug')
  })
})
