import { expect, test } from 'vitest'
import { FairTurnstile } from '../../apps/api/src/http/fair-turnstile.ts'
import { Turnstile } from '../../apps/api/src/http/turnstile.ts'

const OPTIONS = { atOnce: 2, maxWaiting: 4, maxWaitingPerKey: 2, waitMs: 60_000, detail: 'One after the other.' }
const wanted = () => true

/** Work that goes on until it is told to end, and says when it began. */
function work() {
  let end = () => {}
  let begun = false
  const done = new Promise<void>((resolve) => (end = resolve))
  return {
    run: () => {
      begun = true
      return done
    },
    end: () => end(),
    hasBegun: () => begun,
  }
}

const settled = () => new Promise((resolve) => setImmediate(resolve))

test('without keys, who sends much comes before who comes later: the control', async () => {
  const turnstile = new Turnstile(2, 4)
  const mine = [work(), work(), work()]
  const passed = mine.map(({ run }) => turnstile.pass(wanted, run))
  const neighbour = work()
  passed.push(turnstile.pass(wanted, neighbour.run))
  mine[0]?.end()
  await settled()
  expect(neighbour.hasBegun()).toBe(false)
  for (const { end } of [...mine, neighbour]) end()
  await Promise.all(passed)
})

test('one of each key is inside, and a neighbour waits for none of a crowd', async () => {
  const turnstile = new FairTurnstile(OPTIONS)
  const mine = [work(), work(), work()]
  const passed = mine.map(({ run }) => turnstile.pass('me', wanted, run))
  const neighbour = work()
  passed.push(turnstile.pass('neighbour', wanted, neighbour.run))
  expect([...mine, neighbour].map(({ hasBegun }) => hasBegun())).toEqual([true, false, false, true])
  await expect(turnstile.pass('me', wanted, work().run)).rejects.toMatchObject({ code: 'too_many_requests' })
  mine[0]?.end()
  await settled()
  expect(mine.map(({ hasBegun }) => hasBegun())).toEqual([true, true, false])
  for (const { end } of [...mine, neighbour]) end()
  await Promise.all(passed)
})

test('no more than a few wait, and none for longer than its time', async () => {
  const turnstile = new FairTurnstile({ ...OPTIONS, maxWaiting: 2, waitMs: 20 })
  const inside = [work(), work()]
  const passed = inside.map(({ run }, index) => turnstile.pass(`inside ${index}`, wanted, run))
  const waiting = ['a', 'b'].map((key) => turnstile.pass(key, wanted, work().run))
  await expect(turnstile.pass('c', wanted, work().run)).rejects.toMatchObject({ code: 'overloaded' })
  for (const one of await Promise.allSettled(waiting)) {
    expect(one).toMatchObject({ status: 'rejected', reason: { code: 'overloaded' } })
  }
  for (const { end } of inside) end()
  await Promise.all(passed)
  const next = work()
  next.end()
  await turnstile.pass('a', wanted, next.run)
  expect(next.hasBegun()).toBe(true)
})

test('what nobody wants any more is not done, and gives its place away', async () => {
  const turnstile = new FairTurnstile({ ...OPTIONS, atOnce: 1 })
  const first = work()
  const done = turnstile.pass('a', wanted, first.run)
  const gone = work()
  const left = turnstile.pass('b', () => false, gone.run)
  const next = work()
  const passed = turnstile.pass('c', wanted, next.run)
  next.end()
  first.end()
  expect(await left).toBeNull()
  await Promise.all([done, passed])
  expect([gone.hasBegun(), next.hasBegun()]).toEqual([false, true])
})

test('work that fails gives its place away', async () => {
  const turnstile = new FairTurnstile({ ...OPTIONS, atOnce: 1 })
  await expect(turnstile.pass('a', wanted, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(await turnstile.pass('a', wanted, () => Promise.resolve(1))).toBe(1)
})
