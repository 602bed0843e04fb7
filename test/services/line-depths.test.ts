import type pg from 'pg'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { LineDepths } from '@boxoffice/core/booking-requests/intake/line-depths.ts'
import { isProblem } from '@boxoffice/core/use-case/problem.ts'

/** A database that knows how far lines are. */
class Progress {
  readonly lines = new Map<string, { readonly next: number; readonly watermark: number; readonly paused?: boolean }>()
  /** The lines of each look. */
  readonly looks: (readonly string[])[] = []
  /** Holds the answers back where it is set. */
  gate: Promise<void> | null = null

  readonly pool = {
    query: async ({ name, values }: { readonly name: string; readonly values: readonly unknown[] }) => {
      if (name !== 'read-line-progress') throw new Error(`unexpected: ${name}`)
      const ids = values[0] as readonly string[]
      this.looks.push(ids)
      await this.gate
      return {
        rows: ids.flatMap((id) => {
          const line = this.lines.get(id)
          return line === undefined ? [] : [{ id, paused: false, ...line, decidedPerSecond: 0 }]
        }),
      }
    },
  } as unknown as pg.Pool
}

let progress: Progress
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] })
  progress = new Progress()
})
afterEach(() => {
  vi.useRealTimers()
})

const open = (limits: { readonly ofLine?: number; readonly ofAll?: number } = {}) =>
  new LineDepths(progress.pool, { ofLine: 1_000_000, ofAll: 1_000_000, ...limits })

/** Returns whether a line takes one more; anything but a refusal for its depth is thrown. */
async function takes(depths: LineDepths, id: string): Promise<boolean> {
  try {
    await depths.check(id)
    return true
  } catch (error) {
    if (!isProblem(error, 'overloaded')) throw error
    expect(error.retryAfterSeconds).toBe(2)
    return false
  }
}

describe('the depth of a line', () => {
  it('is known from what was put in and what was decided, and asked for only where the line seems full', async () => {
    const depths = open({ ofLine: 3 })
    depths.note('a', { last: 2, watermark: 0 })
    expect(await takes(depths, 'a')).toBe(true)
    depths.note('a', { last: 3 })
    depths.onMarks([{ id: 'a', watermark: 1 }])
    expect(await takes(depths, 'a')).toBe(true)
    expect(progress.looks).toEqual([])
    depths.note('a', { last: 4 })
    expect(await takes(depths, 'a')).toBe(false)
    expect(progress.looks).toEqual([['a']])
    expect(await takes(depths, 'b'), 'a line of which nothing is known').toBe(true)
    expect(progress.looks).toHaveLength(1)
    depths.onMarks([{ id: 'a', watermark: 2 }])
    expect(await takes(depths, 'a')).toBe(true)
  })

  it('is what the database says where no signal came, and counts what others have put in', async () => {
    const depths = open({ ofLine: 3 })
    depths.note('a', { last: 3, watermark: 0 })
    progress.lines.set('a', { next: 10, watermark: 9 })
    expect(await takes(depths, 'a')).toBe(true)
    depths.note('a', { last: 12 })
    progress.lines.set('a', { next: 16, watermark: 12 })
    vi.advanceTimersByTime(251)
    expect(await takes(depths, 'a')).toBe(false)
  })

  it('is looked at 250 ms apart at the soonest, and whoever comes meanwhile does not wait', async () => {
    const depths = open({ ofLine: 3 })
    depths.note('a', { last: 3 })
    const gate = Promise.withResolvers<void>()
    progress.gate = gate.promise
    const looking = takes(depths, 'a')
    for (let each = 0; each < 10; each++) expect(await takes(depths, 'a')).toBe(false)
    gate.resolve()
    expect(await looking).toBe(false)
    vi.advanceTimersByTime(250)
    expect(await takes(depths, 'a')).toBe(false)
    expect(progress.looks).toHaveLength(1)
    vi.advanceTimersByTime(1)
    progress.lines.set('a', { next: 4, watermark: 1 })
    expect(await takes(depths, 'a')).toBe(true)
    expect(progress.looks).toHaveLength(2)
  })

  it('never goes back: what comes late is no news', async () => {
    const depths = open({ ofLine: 3 })
    depths.note('a', { last: 5, watermark: 4 })
    depths.onMarks([{ id: 'a', watermark: 1 }])
    depths.note('a', { last: 3, watermark: 0 })
    expect(await takes(depths, 'a')).toBe(true)
    depths.note('a', { last: 7 })
    expect(await takes(depths, 'a')).toBe(false)
  })

  it('is not kept of lines that were only heard of', () => {
    const depths = open()
    depths.onMarks([
      { id: 'a', watermark: 5 },
      { id: 'b', watermark: 6 },
    ])
    expect(depths.size).toBe(0)
    depths.note('a', { last: 6, watermark: 5 })
    expect(depths.size).toBe(1)
  })
})

describe('the depth of all lines together', () => {
  it('keeps everybody out, and is looked at in the lines where something waits', async () => {
    const depths = open({ ofAll: 5 })
    depths.note('a', { last: 3, watermark: 0 })
    depths.note('b', { last: 9, watermark: 8 })
    depths.note('c', { last: 4, watermark: 4 })
    expect(await takes(depths, 'quiet')).toBe(true)
    expect(progress.looks).toEqual([])
    depths.note('b', { last: 10 })
    expect(await takes(depths, 'quiet')).toBe(false)
    expect(progress.looks).toEqual([['a', 'b']])
    depths.onMarks([{ id: 'a', watermark: 1 }])
    expect(await takes(depths, 'quiet')).toBe(true)
  })

  it('is looked at once for all who ask, and 250 ms apart at the soonest', async () => {
    const depths = open({ ofAll: 3 })
    depths.note('a', { last: 3, watermark: 0 })
    const gate = Promise.withResolvers<void>()
    progress.gate = gate.promise
    const asking = Array.from({ length: 20 }, (_, each) => takes(depths, `line ${each}`))
    gate.resolve()
    expect(new Set(await Promise.all(asking))).toEqual(new Set([false]))
    expect(progress.looks).toHaveLength(1)
    vi.advanceTimersByTime(250)
    expect(await takes(depths, 'quiet')).toBe(false)
    expect(progress.looks).toHaveLength(1)
    vi.advanceTimersByTime(1)
    progress.lines.set('a', { next: 4, watermark: 3 })
    expect(await takes(depths, 'quiet')).toBe(true)
    expect(progress.looks).toHaveLength(2)
  })

  it('is asked for 2,000 lines at a time', async () => {
    const depths = open({ ofAll: 4_500 })
    for (let line = 0; line < 4_500; line++) depths.note(`line ${line}`, { last: 1, watermark: 0 })
    expect(await takes(depths, 'quiet')).toBe(false)
    expect(progress.looks.map(({ length }) => length)).toEqual([2_000, 2_000, 500])
    expect(new Set(progress.looks.flat()).size).toBe(4_500)
  })
})

describe('lines that are kept in mind', () => {
  it('are 20,000 at most, of which those are forgotten first in which nothing waits', async () => {
    const depths = open({ ofLine: 2 })
    depths.note('full', { last: 2, watermark: 0 })
    for (let line = 1; line < 20_000; line++) depths.note(`line ${line}`, { last: 1, watermark: 1 })
    expect(depths.size).toBe(20_000)
    depths.note('another', { last: 2, watermark: 0 })
    expect(depths.size).toBe(10_000)
    expect(await takes(depths, 'full')).toBe(false)
    expect(await takes(depths, 'another')).toBe(false)
  })

  it('are the newest where more wait than there is room for, and count no longer once they are forgotten', async () => {
    const depths = open({ ofLine: 1, ofAll: 20_001 })
    for (let line = 0; line <= 20_000; line++) depths.note(`line ${line}`, { last: 1, watermark: 0 })
    expect(depths.size).toBe(20_000)
    expect(await takes(depths, 'line 0'), 'forgotten').toBe(true)
    expect(await takes(depths, 'line 1')).toBe(false)
    expect(await takes(depths, 'line 20000')).toBe(false)
    expect(progress.looks, 'all together are not too many').toEqual([['line 1'], ['line 20000']])
  })
})

it('leaves lines out of the whole that their organizer has paused, until they go on', async () => {
  const depths = open({ ofAll: 10 })
  depths.note('paused', { last: 12 })
  progress.lines.set('paused', { next: 13, watermark: 0, paused: true })
  await depths.check('quiet')
  depths.note('paused', { last: 40 })
  await depths.check('quiet')
  depths.note('paused', { watermark: 1 })
  progress.lines.set('paused', { next: 41, watermark: 1 })
  vi.advanceTimersByTime(1_000)
  await expect(depths.check('quiet')).rejects.toSatisfy((error) => isProblem(error, 'overloaded'))
})
