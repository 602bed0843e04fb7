/**
 * The starts of a recurring set of showtimes, in the time zone of their venue: 21:00 stays 21:00 when the clocks change.
 * Pure: the rules of time zones are those of the runtime.
 */

export const WEEKDAYS = ['mo', 'tu', 'we', 'th', 'fr', 'sa', 'su'] as const
export type Weekday = (typeof WEEKDAYS)[number]

export interface Recurrence {
  readonly days: readonly Weekday[]
  /** Local times, `21:00`. */
  readonly times: readonly string[]
  /** The first and the last day, `2026-12-01`; both may be among them. */
  readonly from: string
  readonly until: string
}

const DAY_MS = 86_400_000

/** Days from the first to the last, both counted; not a number where one of them is no day of the calendar. */
export function daysOf({ from, until }: Pick<Recurrence, 'from' | 'until'>): number {
  return (dayMs(until) - dayMs(from)) / DAY_MS + 1
}

/**
 * Returns the starts, earliest first, each once. A time that the clocks skip moves later by as much; of a time that
 * comes twice the first counts (as in RFC 5545). The times must be well-formed; without days there are no starts.
 *
 * @throws RangeError for an unknown time zone
 */
export function startsOf({ days, times, from, until }: Recurrence, timeZone: string): Date[] {
  const clock = localClock(timeZone)
  const starts = new Set<number>()
  const last = dayMs(until)
  for (let day = dayMs(from); day <= last; day += DAY_MS) {
    const weekday = WEEKDAYS[(new Date(day).getUTCDay() + 6) % 7]
    if (weekday === undefined || !days.includes(weekday)) continue
    for (const time of times) starts.add(toInstant(day + timeMs(time), clock))
  }
  return [...starts].sort((a, b) => a - b).map((ms) => new Date(ms))
}

/** Returns midnight of the day in UTC; `NaN` for `2026-02-30`. */
function dayMs(day: string): number {
  const ms = Date.parse(`${day}T00:00:00Z`)
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(day) ? ms : Number.NaN
}

function timeMs(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number)
  return (hours * 60 + minutes) * 60_000
}

/** Wall clock: the local time at an instant, as if it were UTC. */
type LocalClock = (ms: number) => number

function localClock(timeZone: string): LocalClock {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'iso8601',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  return (ms) => {
    const parts = new Map(format.formatToParts(ms).map(({ type, value }) => [type, Number(value)]))
    const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0
    return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'))
  }
}

/** Returns the instant at which the wall clock shows `local`. Offsets are those of the day before and the day after. */
function toInstant(local: number, clock: LocalClock): number {
  const before = local - DAY_MS
  const after = local + DAY_MS
  const byOffsetBefore = local - (clock(before) - before)
  const byOffsetAfter = local - (clock(after) - after)
  const shown = [byOffsetBefore, byOffsetAfter].filter((ms) => clock(ms) === local)
  return shown.length === 0 ? byOffsetBefore : Math.min(...shown)
}
