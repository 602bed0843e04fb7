import { describe, expect, test } from 'vitest'
import { eventSpan, eventTime } from '@boxoffice/core/tickets/event-time.ts'

describe('the time of an event', () => {
  test.each([
    ['2026-11-27T20:00:00Z', 'Europe/Lisbon', 'Friday, 27 November 2026, 20:00', 'Lisbon time'],
    ['2026-07-01T20:00:00Z', 'Europe/Lisbon', 'Wednesday, 1 July 2026, 21:00', 'Lisbon time'],
    ['2026-12-31T23:30:00Z', 'Europe/Warsaw', 'Friday, 1 January 2027, 00:30', 'Warsaw time'],
    ['2026-11-27T23:05:00Z', 'Europe/London', 'Friday, 27 November 2026, 23:05', 'London time'],
    ['2026-11-28T00:30:00Z', 'America/New_York', 'Friday, 27 November 2026, 19:30', 'New York time'],
    ['2026-11-27T20:00:00Z', 'Asia/Kolkata', 'Saturday, 28 November 2026, 01:30', 'Kolkata time'],
    ['2026-11-27T20:00:00Z', 'Australia/Sydney', 'Saturday, 28 November 2026, 07:00', 'Sydney time'],
    ['2026-11-27T20:00:00Z', 'America/Sao_Paulo', 'Friday, 27 November 2026, 17:00', 'Sao Paulo time'],
    ['2026-11-27T20:00:00Z', 'UTC', 'Friday, 27 November 2026, 20:00', 'UTC'],
    ['2026-11-27T20:00:00Z', 'Etc/GMT+3', 'Friday, 27 November 2026, 17:00', 'UTC-3'],
    ['2026-11-27T20:00:00Z', 'America/Argentina/Buenos_Aires', 'Friday, 27 November 2026, 17:00', 'Buenos Aires time'],
  ])('%s in %s is %s %s', (at, timeZone, text, zone) => {
    expect(eventTime(new Date(at), timeZone)).toMatchObject({ text, zone })
  })

  test('tells the hour that a change of clocks repeats by its zone', () => {
    const at = (time: string) => eventTime(new Date(`2026-10-25T${time}Z`), 'Europe/Lisbon')
    expect([at('00:30:00'), at('01:30:00')]).toMatchObject([
      { text: 'Sunday, 25 October 2026, 01:30', zone: 'Lisbon time, UTC+1' },
      { text: 'Sunday, 25 October 2026, 01:30', zone: 'Lisbon time, UTC+0' },
    ])
  })

  test('of no time zone is refused', () => {
    expect(() => eventTime(new Date(0), 'Europe/Nowhere')).toThrow(RangeError)
  })

  test('is told with its end where that is more than a day later', () => {
    const start = new Date('2026-11-27T20:00:00Z')
    expect(eventSpan(start, new Date('2026-11-28T20:00:00Z'), 'Europe/Lisbon')).toBe(
      'Friday, 27 November 2026, 20:00 Lisbon time',
    )
    expect(eventSpan(start, new Date('2026-11-28T20:01:00Z'), 'Europe/Lisbon')).toBe(
      'Friday, 27 November 2026, 20:00 to Saturday, 28 November 2026, 20:01 Lisbon time',
    )
  })
})
