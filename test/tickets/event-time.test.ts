import { describe, expect, test } from 'vitest'
import { eventTime } from '@boxoffice/core/tickets/event-time.ts'

describe('the time of an event', () => {
  test.each([
    ['2026-11-27T20:00:00Z', 'Europe/Lisbon', 'Friday, 27 November 2026, 20:00', 'WET'],
    ['2026-07-01T20:00:00Z', 'Europe/Lisbon', 'Wednesday, 1 July 2026, 21:00', 'WEST'],
    ['2026-12-31T23:30:00Z', 'Europe/Warsaw', 'Friday, 1 January 2027, 00:30', 'CET'],
    ['2026-11-27T23:05:00Z', 'Europe/London', 'Friday, 27 November 2026, 23:05', 'GMT'],
    ['2026-11-28T00:30:00Z', 'America/New_York', 'Friday, 27 November 2026, 19:30', 'EST'],
    ['2026-11-27T20:00:00Z', 'Asia/Kolkata', 'Saturday, 28 November 2026, 01:30', 'IST'],
    ['2026-11-27T20:00:00Z', 'Australia/Sydney', 'Saturday, 28 November 2026, 07:00', 'AEDT'],
    ['2026-11-27T20:00:00Z', 'America/Sao_Paulo', 'Friday, 27 November 2026, 17:00', 'GMT-3'],
    ['2026-11-27T20:00:00Z', 'UTC', 'Friday, 27 November 2026, 20:00', 'UTC'],
  ])('%s in %s is %s %s', (at, timeZone, text, zone) => {
    expect(eventTime(new Date(at), timeZone)).toEqual({ text, zone })
  })

  test('tells the hour that a change of clocks repeats by its zone', () => {
    const at = (time: string) => eventTime(new Date(`2026-10-25T${time}Z`), 'Europe/Lisbon')
    expect([at('00:30:00'), at('01:30:00')]).toEqual([
      { text: 'Sunday, 25 October 2026, 01:30', zone: 'WEST' },
      { text: 'Sunday, 25 October 2026, 01:30', zone: 'WET' },
    ])
  })

  test('of no time zone is refused', () => {
    expect(() => eventTime(new Date(0), 'Europe/Nowhere')).toThrow(RangeError)
  })
})
