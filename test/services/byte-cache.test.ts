import { expect, test } from 'vitest'
import { ByteCache, CachedReads } from '@boxoffice/core/runtime/byte-cache.ts'

test('a cache of bytes drops what was used longest ago, as much as it needs to', () => {
  const cache = new ByteCache<string, number>(100)
  for (const [index, key] of ['a', 'b', 'c'].entries()) cache.set(key, index, 30)
  expect(cache.get('a')).toBe(0)
  cache.set('d', 3, 60)
  expect(['a', 'b', 'c', 'd'].map((key) => cache.peek(key))).toEqual([0, undefined, undefined, 3])
  expect([cache.size, cache.bytes]).toEqual([2, 90])
  expect([...cache.values()]).toEqual([0, 3])
})

test('a value that is set again counts once, and one that is larger than all of it is not kept', () => {
  const cache = new ByteCache<string, string>(100)
  cache.set('a', 'small', 10)
  cache.set('a', 'grown', 80)
  expect([cache.get('a'), cache.bytes]).toEqual(['grown', 80])
  cache.set('b', 'huge', 101)
  expect([cache.get('b'), cache.bytes, cache.size]).toEqual([undefined, 0, 0])
  cache.delete('b')
  expect(cache.bytes).toBe(0)
})

test('looking is no use', () => {
  const cache = new ByteCache<string, number>(2)
  cache.set('a', 1, 1)
  cache.set('b', 2, 1)
  cache.peek('a')
  cache.set('c', 3, 1)
  expect([cache.peek('a'), cache.peek('b')]).toEqual([undefined, 2])
})

test('a value that many want at once is read once, and kept', async () => {
  const reads = new CachedReads<string>(100, (text) => text.length)
  let count = 0
  const read = async () => `read ${(count += 1)}`
  const crowd = () => Promise.all(Array.from({ length: 50 }, () => reads.get('a', read)))
  expect(new Set(await crowd())).toEqual(new Set(['read 1']))
  expect(new Set(await crowd())).toEqual(new Set(['read 1']))
  expect(reads.bytes).toBe('read 1'.length)
})

test('a read that fails is the failure of who began it: the others read for themselves', async () => {
  const reads = new CachedReads<string>(100, (text) => text.length)
  const first = reads.get('a', () => Promise.reject(new Error('the transaction was ended')))
  const second = reads.get('a', () => Promise.resolve('found'))
  await expect(first).rejects.toThrow('ended')
  expect(await second).toBe('found')
})
