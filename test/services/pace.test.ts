import { describe, expect, it } from 'vitest'
import { BatchLimit } from '@boxoffice/core/use-case/batch-limit.ts'
import { Pace } from '@boxoffice/core/use-case/pace.ts'

const failure = (code: string) => Object.assign(new Error('of the server'), { code })
const [BAD_ROW, TIME_LIMIT, LOCK] = ['23514', '57014', '55P03'].map(failure)

describe('the pace of a run', () => {
  it('takes as many rows as may be, as far as their costs allow, and at least one', () => {
    const pace = new Pace(new BatchLimit({ max: 10 }), 'a', 3)
    expect(pace.fit([1, 1, 1, 1])).toBe(3)
    expect(pace.fit([6, 4, 1])).toBe(2)
    expect(pace.fit([99, 1])).toBe(1)
    expect(pace.fit([])).toBe(0)
  })

  it('halves what fails until it is alone, and doubles what is done', () => {
    const pace = new Pace(new BatchLimit({ max: 1_000 }), 'a', 8)
    expect(pace.onFailed(BAD_ROW, 8, 8)).toBe('smaller')
    expect(pace.rows).toBe(4)
    expect(pace.onFailed(BAD_ROW, 3, 3)).toBe('smaller')
    expect(pace.onFailed(BAD_ROW, 1, 1)).toBe('alone')
    for (let done = 0; done < 3; done++) pace.onDone(1, 1)
    expect(pace.rows).toBe(8)
  })

  it('stays small until all is passed that failed together', () => {
    const pace = new Pace(new BatchLimit({ max: 1_000 }), 'a', 8)
    pace.onFailed(BAD_ROW, 8, 8)
    pace.onDone(4, 4)
    expect(pace.rows).toBe(4)
    pace.onDone(4, 4)
    expect(pace.rows).toBe(8)
  })

  it('tells the runs after it what was too heavy, until that was found alone', () => {
    const limits = new BatchLimit({ max: 1_000 })
    const pace = new Pace(limits, 'a', 500, () => 0)
    pace.onFailed(TIME_LIMIT, 500, 900)
    // Work behind it waits for few batches that take all their time.
    expect(pace.rows).toBe(62)
    expect(new Pace(limits, 'a', 500).cost).toBe(450)
    expect(new Pace(limits, 'b', 500).cost).toBe(1_000)
    pace.onFailed(TIME_LIMIT, 1, 2)
    expect(pace.cost).toBe(1)
    pace.onDone(1, 1)
    expect(pace.cost).toBe(2)
  })

  it('changes nothing for what is the fault of nobody in the batch', () => {
    const limits = new BatchLimit({ max: 1_000 })
    const pace = new Pace(limits, 'a', 500)
    expect(pace.onFailed(LOCK, 500, 500)).toBe('later')
    expect([pace.rows, pace.cost]).toEqual([500, 1_000])
  })
})
