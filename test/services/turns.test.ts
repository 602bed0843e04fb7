import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Turns } from '@boxoffice/core/booking-requests/deciding/turns.ts'

const BATCH = 500

const names = (prefix: string, count: number) => Array.from({ length: count }, (_, index) => `${prefix}${index}`)

/** Returns turns for which these lines wait, with so many requests in each. */
function given(lines: readonly string[], requests = 1): Turns {
  const turns = new Turns()
  for (const line of lines) turns.notify(line, requests)
  return turns
}

describe('turns', () => {
  it('are none at first', () => {
    expect(new Turns().size).toBe(0)
    expect(new Turns().take(BATCH)).toEqual([])
  })

  it('are in the order in which lines came, each once, however often they are notified of', () => {
    const turns = given(['b', 'a', 'b', 'c', 'a'])
    expect([turns.size, turns.has('a'), turns.has('z')]).toEqual([3, true, false])
    expect(turns.take(BATCH)).toEqual(['b', 'a', 'c'])
    expect([turns.size, turns.has('a')]).toEqual([0, false])
  })

  it('come again behind all that wait meanwhile', () => {
    const turns = given(['long'], 1_000)
    const [line = ''] = turns.take(BATCH)
    for (const other of ['x', 'y']) turns.notify(other, 1)
    turns.notify(line, 500)
    expect(turns.take(BATCH)).toEqual(['x', 'y', 'long'])
  })
})

it('come at once again for lines that were taken and had none, in their old order', () => {
  const turns = given(['a', 'b', 'c', 'd'])
  const taken = turns.take(4)
  for (const later of ['e', 'a']) turns.notify(later, 1)
  turns.putBack(new Map([taken[1] ?? '', taken[3] ?? ''].map((line) => [line, 7])))
  expect(turns.take(BATCH)).toEqual(['b', 'd', 'e', 'a'])
})

describe('a batch', () => {
  it.each([
    { each: 1, lines: 1_000, taken: 250 },
    { each: 2, lines: 1_000, taken: 250 },
    { each: 4, lines: 1_000, taken: 125 },
    { each: 20, lines: 1_000, taken: 25 },
    { each: 100, lines: 1_000, taken: 16 },
    { each: 100_000, lines: 1_000, taken: 16 },
    { each: 100_000, lines: 3, taken: 3 },
  ])('of $lines lines with $each requests takes $taken', ({ each, lines, taken }) => {
    expect(given(names('line', lines), each).take(BATCH)).toEqual(names('line', lines).slice(0, taken))
  })

  it('has no more lines than requests', () => {
    expect(given(names('line', 50), 1_000).take(5)).toHaveLength(5)
  })

  it('counts what a line was notified of in all', () => {
    const turns = new Turns()
    for (const line of names('line', 40)) for (let times = 0; times < 25; times++) turns.notify(line, 1)
    expect(turns.take(BATCH)).toEqual(names('line', 40).slice(0, 20))
  })
})

it('gives each line its turn after as many batches as lines are before it at the most, and loses none', () => {
  const steps = fc.array(fc.tuple(fc.constantFrom('notify', 'take'), fc.nat(20), fc.integer({ min: 1, max: 600 })))
  fc.assert(
    fc.property(fc.boolean(), steps, (alone, all) => {
      const turns = new Turns({ alone })
      const waiting: string[] = []
      for (const [what, number, requests] of all) {
        const line = `line${number}`
        if (what === 'notify') {
          turns.notify(line, requests)
          if (!waiting.includes(line)) waiting.push(line)
          continue
        }
        const taken = turns.take(requests)
        expect(taken).toEqual(waiting.splice(0, taken.length))
        if (alone) expect(taken.length).toBeLessThanOrEqual(1)
        expect(turns.size).toBe(waiting.length)
      }
      while (turns.size > 0) expect(turns.take(BATCH)).not.toEqual([])
    }),
  )
})

it('takes one line at a time where each has to be alone', () => {
  const turns = new Turns({ alone: true })
  for (const line of ['a', 'b']) turns.notify(line, 1)
  expect([turns.take(BATCH), turns.take(BATCH), turns.take(BATCH)]).toEqual([['a'], ['b'], []])
})
