import fc from 'fast-check'
import { expect, test } from 'vitest'
import { holdWhilePaying } from '@boxoffice/core/domain/hold.ts'

const MINUTE = 60_000

test('a payment that starts just before the end gets five minutes', () => {
  const hold = { expiresAtMs: 10 * MINUTE, ttlMs: 10 * MINUTE, extended: false }
  expect(holdWhilePaying(hold, 10 * MINUTE - 1)).toBe(15 * MINUTE - 1)
})

test('one that starts early has time enough', () => {
  const hold = { expiresAtMs: 10 * MINUTE, ttlMs: 10 * MINUTE, extended: false }
  expect(holdWhilePaying(hold, MINUTE)).toBe(10 * MINUTE)
})

test('a second one gets nothing more', () => {
  const hold = { expiresAtMs: 10 * MINUTE, ttlMs: 10 * MINUTE, extended: true }
  expect(holdWhilePaying(hold, 10 * MINUTE - 1)).toBe(10 * MINUTE)
})

test('no hold is shortened, and none lasts longer than twice its time', () => {
  const ttl = fc.integer({ min: 1, max: 86_400_000 })
  fc.assert(
    fc.property(ttl, fc.double({ min: 0, max: 1, noNaN: true }), (ttlMs, passed) => {
      const hold = { expiresAtMs: ttlMs, ttlMs, extended: false }
      const end = holdWhilePaying(hold, Math.floor(ttlMs * passed))
      expect(end).toBeGreaterThanOrEqual(ttlMs)
      expect(end).toBeLessThanOrEqual(2 * ttlMs)
    }),
  )
})
