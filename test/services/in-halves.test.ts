import { describe, expect, it } from 'vitest'
import { inHalves } from '@boxoffice/core/use-case/in-halves.ts'

class BadItemError extends Error {}

/** Runs items that are letters. Those in `bad` fail, together with all items in the same run. */
async function run(items: string, bad: string, failure = new BadItemError()) {
  const attempts: string[] = []
  const results: string[] = []
  const done = (async () => {
    const halving = {
      attempt: (part: readonly string[]) => {
        attempts.push(part.join(''))
        return part.some((item) => bad.includes(item)) ? Promise.reject(failure) : Promise.resolve(part.join(''))
      },
      isOnesFault: (error: unknown) => error instanceof BadItemError,
      setAside: (item: string) => `(${item})`,
    }
    for await (const result of inHalves(items.split(''), halving)) results.push(result)
  })()
  const error = await done.catch((thrown: unknown) => thrown)
  return { attempts: attempts.join(' '), results: results.join(' '), error }
}

describe('a batch in halves', () => {
  it.each([
    { items: '', bad: '', attempts: '', results: '' },
    { items: 'a', bad: '', attempts: 'a', results: 'a' },
    { items: 'a', bad: 'a', attempts: 'a', results: '(a)' },
    { items: 'abcd', bad: '', attempts: 'abcd', results: 'abcd' },
    { items: 'abcd', bad: 'a', attempts: 'abcd ab a b cd', results: '(a) b cd' },
    { items: 'abcd', bad: 'c', attempts: 'abcd ab cd c d', results: 'ab (c) d' },
    { items: 'abc', bad: 'c', attempts: 'abc ab c', results: 'ab (c)' },
    { items: 'abcd', bad: 'bd', attempts: 'abcd ab a b cd c d', results: 'a (b) c (d)' },
    { items: 'ab', bad: 'ab', attempts: 'ab a b', results: '(a) (b)' },
    { items: 'abcdefgh', bad: 'f', attempts: 'abcdefgh abcd efgh ef e f gh', results: 'abcd e (f) gh' },
  ])('of "$items" with "$bad" bad: $results', async ({ items, bad, attempts, results }) => {
    expect(await run(items, bad)).toEqual({ attempts, results, error: undefined })
  })

  it.each(['a', 'abcd'])('of "%s" is not made where the error would hit every item', async (items) => {
    const failure = new Error('the database is away')
    expect(await run(items, items, failure)).toEqual({ attempts: items, results: '', error: failure })
  })

  it('keeps what was done before an item whose failure cannot be dealt with', async () => {
    const halving = {
      attempt: (part: readonly string[]) =>
        part.includes('c') ? Promise.reject(new BadItemError()) : Promise.resolve(part.join('')),
      isOnesFault: () => true,
      setAside: () => Promise.reject(new Error('the database is away')),
    }
    const results: string[] = []
    const all = async () => {
      for await (const result of inHalves(['a', 'b', 'c', 'd'], halving)) results.push(result)
    }
    await expect(all()).rejects.toThrow('the database is away')
    expect(results).toEqual(['ab'])
  })
})
