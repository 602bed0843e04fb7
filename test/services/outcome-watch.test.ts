import type pg from 'pg'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { OutcomeWatch } from '@boxoffice/core/booking-requests/waiting/outcome-watch.ts'
import { testLogger } from '../support/logger.ts'
import type { StoredRequest } from '@boxoffice/core/booking-requests/request-view.ts'

const idOf = (seq: number) => `00000000-0000-4000-8000-${String(seq).padStart(12, '0')}`

const LINE = idOf(0)

const waiting = (seq: number): StoredRequest => ({
  owner: 'ada',
  idempotencyKey: 'key:1',
  bodyHash: '00',
  view: {
    id: idOf(seq),
    state: 'queued',
    resource: { type: 'event', id: LINE },
    seq,
    ahead: seq - 1,
    etaMs: 0,
    acceptedAt: '2031-01-01T00:00:00.000Z',
    decidedAt: null,
    booking: null,
    refusal: null,
  },
})

/** A database in which a line is at `watermark`, whose signals never come. */
class QuietLine {
  watermark = 0
  /** The ids of each look for outcomes. */
  readonly looks: (readonly string[])[] = []

  readonly pool = {
    query: ({ name, values }: { name: string; values: unknown[] }) =>
      Promise.resolve({ rows: this.#rows(name, values) }),
  } as unknown as pg.Pool

  #rows(name: string, [ids]: readonly unknown[]): readonly unknown[] {
    if (name === 'read-line-progress') {
      if (String(ids) !== LINE) throw new Error(`unexpected lines: ${String(ids)}`)
      return [{ id: LINE, watermark: this.watermark, next: 1_001, decidedPerSecond: 100 }]
    }
    if (name !== 'find-booking-requests-by-id') throw new Error(`unexpected: ${name}`)
    this.looks.push(ids as string[])
    return (ids as string[]).map((id) => ({
      id,
      seq: Number(id.slice(-12)),
      kind: 'event',
      resourceId: LINE,
      owner: 'ada',
      state: 'refused',
      acceptedAt: new Date(0),
      decidedAt: new Date(1),
      refusal: { code: 'not_on_sale', detail: 'Gone.' },
      watermark: this.watermark,
      decidedPerSecond: 100,
      booking: null,
    }))
  }
}

let line: QuietLine
let watch: OutcomeWatch
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] })
  line = new QuietLine()
  watch = new OutcomeWatch(line.pool, testLogger)
})
afterEach(() => {
  watch.close()
  vi.useRealTimers()
})

/** Lets seconds pass; each look ends before the next. */
async function pass(seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second++) {
    await vi.advanceTimersByTimeAsync(1_000)
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
  }
}

async function passMs(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms)
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
}

/** Watches every request, and collects all outcomes and places that are reported. */
function follow(count: number) {
  const outcomes: number[] = []
  const places = new Map<number, number[]>()
  for (let seq = 1; seq <= count; seq++) {
    watch.watch(waiting(seq), {
      onOutcome: (view) => outcomes.push(view.seq),
      onPosition: ({ ahead }) => places.set(seq, [...(places.get(seq) ?? []), ahead]),
    })
  }
  return { outcomes, places }
}

describe('looking once a second', () => {
  it('reads what its line is past, however much waits behind it', async () => {
    const { outcomes } = follow(1_000)
    await pass(2)
    expect(line.looks).toEqual([])
    line.watermark = 3
    await pass(1)
    expect(line.looks).toEqual([[idOf(1), idOf(2), idOf(3)]])
    expect(outcomes).toEqual([1, 2, 3])
    expect(watch.size).toBe(997)
  })

  it('tells everybody their place, once where nothing moves', async () => {
    const { places } = follow(1_000)
    await pass(5)
    expect(places.size).toBe(1_000)
    expect(places.get(1_000)).toEqual([999])
    line.watermark = 400
    await pass(2)
    expect(places.get(1_000)).toEqual([999, 599])
    expect(places.get(401)).toEqual([400, 0])
    expect(places.get(400)).toEqual([399])
  })

  it('tells nobody a place after the outcome, though telling a long line takes turns', async () => {
    const { outcomes, places } = follow(1_000)
    await pass(1)
    line.watermark = 1
    await vi.advanceTimersByTimeAsync(1_000)
    // The rest of the line is decided in the middle of it.
    watch.onProgress(
      [{ id: LINE, watermark: 1_000 }],
      Array.from({ length: 999 }, (_, index) => ({
        id: idOf(index + 2),
        state: 'refused' as const,
        decidedAt: '2031-01-01T00:00:01.000Z',
        booking: null,
        refusal: { code: 'not_on_sale' as const, detail: 'Gone.' },
      })),
    )
    const told = [...places.values()].flat().length
    expect(told, 'in the middle of the second round').toBeGreaterThan(1_000)
    expect(told).toBeLessThan(1_999)
    await pass(3)
    expect(outcomes.length).toBe(1_000)
    expect([...places.values()].flat().length).toBe(told)
  })

  it('looks ten times as often while it finds what no signal has told', async () => {
    const { outcomes } = follow(10)
    await pass(1)
    line.watermark = 1
    await pass(1)
    expect(outcomes).toEqual([1])
    line.watermark = 2
    await passMs(100)
    expect(outcomes).toEqual([1, 2])
    // A look that finds nothing changes nothing.
    await passMs(100)
    line.watermark = 3
    await passMs(100)
    expect(outcomes).toEqual([1, 2, 3])
    // A signal does.
    watch.onProgress([{ id: LINE, watermark: 3 }], [])
    await passMs(100)
    line.watermark = 4
    await passMs(800)
    expect(outcomes).toEqual([1, 2, 3])
    await passMs(200)
    expect(outcomes).toEqual([1, 2, 3, 4])
  })

  it('is not more impatient for what a signal was about to tell', async () => {
    const { outcomes } = follow(10)
    await pass(1)
    watch.onProgress([{ id: LINE, watermark: 0 }], [])
    line.watermark = 1
    await pass(1)
    expect(outcomes).toEqual([1])
    line.watermark = 2
    await passMs(800)
    expect(outcomes).toEqual([1])
  })

  it('tells a place once a second, however often it looks', async () => {
    const { places } = follow(100)
    await pass(1)
    for (let tenth = 1; tenth <= 30; tenth++) {
      line.watermark = tenth
      await passMs(100)
    }
    expect(places.get(100)?.length).toBeGreaterThanOrEqual(2)
    expect(places.get(100)?.length).toBeLessThanOrEqual(4)
  })
})
