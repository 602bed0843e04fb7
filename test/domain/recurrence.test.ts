import { describe, expect, it } from 'vitest'
import { daysOf, type Recurrence, startsOf, WEEKDAYS } from '@boxoffice/core/domain/recurrence.ts'

const starts = (recurrence: Partial<Recurrence>, timeZone = 'Europe/Lisbon') =>
  startsOf({ days: WEEKDAYS, times: ['21:00'], from: '2026-12-01', until: '2026-12-01', ...recurrence }, timeZone).map(
    (start) => start.toISOString(),
  )

describe('a recurring set', () => {
  it('has the named days and times, the first and the last day among them, in order', () => {
    // 2026-12-04 and 2026-12-11 are Fridays.
    expect(starts({ days: ['fr', 'sa'], times: ['21:00', '18:00'], from: '2026-12-04', until: '2026-12-11' })).toEqual([
      '2026-12-04T18:00:00.000Z',
      '2026-12-04T21:00:00.000Z',
      '2026-12-05T18:00:00.000Z',
      '2026-12-05T21:00:00.000Z',
      '2026-12-11T18:00:00.000Z',
      '2026-12-11T21:00:00.000Z',
    ])
  })

  it('has each start once', () => {
    expect(starts({ times: ['21:00', '21:00'] })).toEqual(['2026-12-01T21:00:00.000Z'])
  })

  it('is empty where none of the days comes', () => {
    expect(starts({ days: ['mo'], from: '2026-12-01', until: '2026-12-06' })).toEqual([])
    expect(starts({ from: '2026-12-02', until: '2026-12-01' })).toEqual([])
  })

  it('covers the end of a leap year', () => {
    expect(starts({ from: '2028-02-28', until: '2028-03-01' })).toEqual([
      '2028-02-28T21:00:00.000Z',
      '2028-02-29T21:00:00.000Z',
      '2028-03-01T21:00:00.000Z',
    ])
  })
})

describe('when the clocks change', () => {
  it('a local time stays what it is', () => {
    expect(starts({ from: '2026-03-28', until: '2026-03-29' })).toEqual([
      '2026-03-28T21:00:00.000Z',
      '2026-03-29T20:00:00.000Z',
    ])
    expect(starts({ times: ['19:30'], from: '2026-10-31', until: '2026-11-01' }, 'America/New_York')).toEqual([
      '2026-10-31T23:30:00.000Z',
      '2026-11-02T00:30:00.000Z',
    ])
  })

  it('a time that they skip is as much later', () => {
    // Berlin skips 02:00 to 03:00.
    expect(starts({ times: ['02:30'], from: '2026-03-29', until: '2026-03-29' }, 'Europe/Berlin')).toEqual([
      '2026-03-29T01:30:00.000Z',
    ])
  })

  it('two times of which one is skipped onto the other are one start', () => {
    expect(starts({ times: ['02:30', '03:30'], from: '2026-03-29', until: '2026-03-29' }, 'Europe/Berlin')).toEqual([
      '2026-03-29T01:30:00.000Z',
    ])
  })

  it('of a time that comes twice it is the first', () => {
    expect(starts({ times: ['02:30'], from: '2026-10-25', until: '2026-10-25' }, 'Europe/Berlin')).toEqual([
      '2026-10-25T00:30:00.000Z',
    ])
    expect(starts({ times: ['01:45'], from: '2026-04-05', until: '2026-04-05' }, 'Australia/Lord_Howe')).toEqual([
      '2026-04-04T14:45:00.000Z',
    ])
  })

  it('also where they change by half an hour, and where midnight is skipped', () => {
    expect(starts({ times: ['02:15'], from: '2026-10-04', until: '2026-10-04' }, 'Australia/Lord_Howe')).toEqual([
      '2026-10-03T15:45:00.000Z',
    ])
    expect(starts({ times: ['00:00'], from: '2026-04-24', until: '2026-04-24' }, 'Africa/Cairo')).toEqual([
      '2026-04-23T22:00:00.000Z',
    ])
  })

  it('agrees with the wall clock for every hour of a year, in zones of all kinds', () => {
    const times = Array.from({ length: 24 }, (_, hour) => `${String(hour).padStart(2, '0')}:00`)
    for (const timeZone of ['Europe/Lisbon', 'America/St_Johns', 'Asia/Kathmandu', 'Pacific/Chatham', 'Pacific/Apia']) {
      const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' })
      const shown = startsOf({ days: WEEKDAYS, times, from: '2026-01-01', until: '2026-12-31' }, timeZone).map(
        (start) => format.format(start),
      )
      const wanted = Array.from({ length: 365 }, (_, day) => new Date(Date.UTC(2026, 0, 1 + day)).toISOString())
        .map((day) => day.slice(0, 10))
        .flatMap((day) => times.map((time) => `${day} ${time}`))
      const seen = new Set(shown)
      const missing = wanted.filter((local) => !seen.has(local))
      // A showtime is left out only if a change of the clocks skips it, at most once a year.
      expect(missing.length, `${timeZone}: ${missing.join(', ')}`).toBeLessThanOrEqual(1)
      expect(shown.length).toBe(new Set(shown).size)
    }
  }, 20_000)
})

describe('the days of a set', () => {
  it('are counted with the first and the last', () => {
    expect(daysOf({ from: '2026-12-01', until: '2026-12-31' })).toBe(31)
    expect(daysOf({ from: '2026-12-02', until: '2026-12-01' })).toBe(0)
  })

  it('are not a number where the calendar has no such day', () => {
    expect(daysOf({ from: '2026-02-30', until: '2026-03-01' })).toBeNaN()
    expect(daysOf({ from: '2026-02-01', until: 'soon' })).toBeNaN()
  })

  it('an unknown time zone is refused', () => {
    expect(() => starts({}, 'Mars/Olympus')).toThrow(RangeError)
  })
})
