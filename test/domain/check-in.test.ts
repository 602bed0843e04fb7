import { describe, expect, test } from 'vitest'
import { decideCheckIn, isSameScan, RETRY_WITHIN_MS, type ScannedTicket } from '@boxoffice/core/domain/check-in.ts'

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

describe('a scan with the ticket, device and nonce of an earlier one', () => {
  const earlier = { scannedAtMs: STARTS, actor: 'staff-1' }
  const online = { actor: 'staff-1', namesDevice: false, offline: false }
  const offline = { ...online, offline: true }

  test('is the same at any time where the device has a name of its own', () => {
    for (const again of [online, offline]) {
      expect(isSameScan(earlier, { ...again, namesDevice: true, scannedAtMs: STARTS + HOUR, actor: 'staff-2' })).toBe(
        true,
      )
    }
  })

  test('is the same without a name only as a retry within seconds is', () => {
    expect(isSameScan(earlier, { ...online, scannedAtMs: STARTS + RETRY_WITHIN_MS })).toBe(true)
    expect(isSameScan(earlier, { ...online, scannedAtMs: STARTS + RETRY_WITHIN_MS + 1 })).toBe(false)
    expect(isSameScan(earlier, { ...online, scannedAtMs: STARTS, actor: 'staff-2' })).toBe(false)
  })

  test('is the same without a name, uploaded whenever and by whomever, if it was made at the same time', () => {
    expect(isSameScan(earlier, { ...offline, scannedAtMs: STARTS, actor: 'staff-2' })).toBe(true)
    expect(isSameScan(earlier, { ...offline, scannedAtMs: STARTS + 1 })).toBe(false)
  })
})
