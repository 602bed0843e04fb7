import { describe, expect, test } from 'vitest'
import { decideCheckIn, type ScannedTicket } from '@boxoffice/core/domain/check-in.ts'

const HOUR = 3_600_000
const STARTS = 100 * HOUR
const ticket: ScannedTicket = {
  resourceId: 'show',
  status: 'issued',
  bookingStatus: 'confirmed',
  startsAtMs: STARTS,
  opensMs: 2 * HOUR,
}

describe('a scan', () => {
  test('admits an issued ticket of a confirmed booking once the doors are open', () => {
    expect(decideCheckIn(ticket, null, STARTS - 2 * HOUR)).toBe('admitted')
    expect(decideCheckIn(ticket, 'show', STARTS + HOUR)).toBe('admitted')
    expect(decideCheckIn(ticket, null, STARTS - 2 * HOUR - 1)).toBe('too_early')
  })

  test.each<[Partial<ScannedTicket>, string]>([
    [{ status: 'void' }, 'void'],
    [{ status: 'checked_in' }, 'already_used'],
    [{ status: 'checked_in', bookingStatus: 'completed' }, 'already_used'],
    [{ bookingStatus: 'pending' }, 'void'],
    [{ bookingStatus: 'cancelled' }, 'void'],
    [{ bookingStatus: 'no_show' }, 'void'],
    [{ bookingStatus: 'completed' }, 'admitted'],
  ])('of a ticket with %o is %s', (change, result) => {
    expect(decideCheckIn({ ...ticket, ...change }, null, STARTS)).toBe(result)
  })

  test('tells the first thing that is wrong', () => {
    const used: ScannedTicket = { ...ticket, status: 'checked_in' }
    expect(decideCheckIn(used, 'another show', 0)).toBe('wrong_event')
    expect(decideCheckIn(used, 'show', 0)).toBe('already_used')
  })
})
