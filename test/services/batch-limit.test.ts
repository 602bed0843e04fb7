import { BatchLimit } from '@boxoffice/core/use-case/batch-limit.ts'
import { describe, expect, it } from 'vitest'

const HOLD_MS = 1_000
const limit = (max: number, maxKeys?: number) =>
  new BatchLimit({ max, holdMs: HOLD_MS, ...(maxKeys !== undefined && { maxKeys }) })

describe('batch limit', () => {
  it('is the largest until a batch was too heavy, then half of that batch, for its key alone', () => {
    const limits = limit(500)
    expect(limits.of('a')).toBe(500)
    expect(limits.onTooHeavy('a', 500, 0)).toBe(250)
    expect(limits.onTooHeavy('a', 81, 0)).toBe(40)
    expect([limits.of('a'), limits.of('b')]).toEqual([40, 500])
  })

  it('never rises by a failure, and never falls below one', () => {
    const limits = limit(10)
    for (const size of [10, 4, 100, 1, 1]) limits.onTooHeavy(7, size, 0)
    expect(limits.of(7)).toBe(1)
  })

  it('stays for a while, and then doubles with each batch that nearly fills it', () => {
    const limits = limit(8)
    limits.onTooHeavy('a', 4, 0)
    limits.onDone('a', 2, HOLD_MS - 1)
    expect(limits.of('a')).toBe(2)
    limits.onDone('a', 1, HOLD_MS)
    expect(limits.of('a')).toBe(2)
    limits.onDone('a', 2, HOLD_MS)
    expect(limits.of('a')).toBe(4)
    limits.onDone('a', 4, HOLD_MS)
    expect([limits.of('a'), limits.lowered]).toEqual([8, 0])
  })

  it('stays twice as long each time that raising it fails, up to sixteen times', () => {
    const limits = limit(1_000)
    limits.onTooHeavy('a', 20, 0)
    let now = 0
    const held: number[] = []
    for (let round = 0; round < 6; round++) {
      const since = now
      while (limits.of('a') === 10) limits.onDone('a', 10, (now += HOLD_MS))
      held.push((now - since) / HOLD_MS)
      limits.onTooHeavy('a', 20, now)
    }
    expect(held).toEqual([1, 2, 4, 8, 16, 16])
  })

  it('remembers as many as it may, and forgets the one lowered longest ago', () => {
    const limits = limit(8, 2)
    for (const key of ['a', 'b', 'a', 'c']) limits.onTooHeavy(key, 8, 0)
    expect(['a', 'b', 'c'].map((key) => limits.of(key))).toEqual([4, 8, 4])
    expect(limits.lowered).toBe(2)
  })
})
