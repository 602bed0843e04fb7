import { judgeMail, MAX_POSTPONED, tellsOfCancellation } from '@boxoffice/core/domain/mail-budget.ts'
import { describe, expect, test } from 'vitest'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

describe('a mail to an address', () => {
  test('goes out while the hour has room, whatever waits', () => {
    expect(judgeMail({ fullForMs: null, postponed: 1_000, free: true }, 10)).toEqual({ act: 'send' })
  })

  test('waits until the hour has room, behind those that wait already', () => {
    const waits = [0, 9, 10, 25].map((postponed) => judgeMail({ fullForMs: MINUTE_MS, postponed, free: true }, 10))
    expect(waits).toEqual([0, 0, 1, 2].map((hours) => ({ act: 'postpone', forMs: MINUTE_MS + hours * HOUR_MS })))
  })

  test('is dropped where too many wait, but never that of a booking that was to be paid', () => {
    const load = { fullForMs: MINUTE_MS, postponed: MAX_POSTPONED, free: true }
    expect(judgeMail({ ...load, postponed: MAX_POSTPONED - 1 }, 10)).toMatchObject({ act: 'postpone' })
    expect(judgeMail(load, 10)).toEqual({ act: 'drop' })
    expect(judgeMail({ ...load, free: false }, 10)).toMatchObject({ act: 'postpone' })
  })
})

describe('a cancellation', () => {
  const free = { total: 0, cancelReason: 'customer' }

  test('of a free booking by its buyer is told only to those who were told of the booking', () => {
    expect(tellsOfCancellation(free, false)).toBe(false)
    expect(tellsOfCancellation(free, true)).toBe(true)
  })

  test('that somebody else decided, or that is about money, is told in any case', () => {
    expect(tellsOfCancellation({ ...free, cancelReason: 'organizer' }, false)).toBe(true)
    expect(tellsOfCancellation({ ...free, total: 1 }, false)).toBe(true)
  })
})
