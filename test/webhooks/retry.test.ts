import { expect, it } from 'vitest'
import { MAX_ATTEMPTS, waitAfterAttempt } from '@boxoffice/core/webhooks/retry.ts'

const attempts = Array.from({ length: MAX_ATTEMPTS }, (_, at) => at + 1)
const HOUR_MS = 3_600_000

it('waits longer after each attempt, about three days in all, and gives up after the last one', () => {
  const waits = attempts.map((attempt) => waitAfterAttempt(attempt, 0))
  expect(waits.slice(0, 4)).toEqual([5_000, 60_000, 300_000, 1_800_000])
  expect(waits.at(-1)).toBeNull()
  const finite = waits.filter((wait) => wait !== null)
  expect(finite).toEqual(finite.toSorted((a, b) => a - b))
  const hours = finite.reduce((sum, wait) => sum + wait, 0) / HOUR_MS
  expect(hours).toBeGreaterThan(72)
  expect(hours).toBeLessThan(78)
})

it('spreads what failed together over a fifth of the wait', () => {
  for (const attempt of attempts.slice(0, -1)) {
    const [soonest, latest] = [waitAfterAttempt(attempt, 0) ?? 0, waitAfterAttempt(attempt, 0.999_999) ?? 0]
    expect(latest / soonest).toBeCloseTo(1.2, 3)
  }
})
