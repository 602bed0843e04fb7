/** A moment as the clocks at a venue show it. */
export interface EventTime {
  /** `Friday, 27 November 2026` */
  readonly day: string
  /** `Friday, 27 November 2026, 20:00` */
  readonly text: string
  /** Name of the zone: `Lisbon time`, or `UTC-3` for a zone that is named after no place. */
  readonly zone: string
}

/** Zones of these are called by a place that people know. Abbreviations such as WET are known to few. */
const NAMED_AFTER_PLACES =
  /^(?:Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Europe|Indian|Pacific)\/(?:\w+\/)*([\w-]+)$/

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

/** Steps by which clocks are changed; half an hour on Lord Howe Island. */
const CHANGES_OF_CLOCKS_MS = [-60 * MINUTE_MS, -30 * MINUTE_MS, 30 * MINUTE_MS, 60 * MINUTE_MS]

/**
 * Returns a time in words, as the clocks of a place show it.
 *
 * @param timeZone an IANA name such as `Europe/Lisbon`.
 * @throws RangeError for an invalid time zone or date.
 */
export function eventTime(at: Date, timeZone: string): EventTime {
  const { day, time } = localTime(at, timeZone)
  return { day, text: `${day}, ${time}`, zone: zoneName(at, timeZone) }
}

/**
 * Returns start and end in one line; with the day of the end if it takes longer than a day. Throws as `eventTime` does.
 */
export function eventSpan(startsAt: Date, endsAt: Date, timeZone: string): string {
  const start = eventTime(startsAt, timeZone)
  if (endsAt.getTime() - startsAt.getTime() <= DAY_MS) return `${start.text} ${start.zone}`
  return `${start.text} to ${eventTime(endsAt, timeZone).text} ${start.zone}`
}

function localTime(at: Date, timeZone: string): { readonly day: string; readonly time: string } {
  const parts = partsOf(at, {
    timeZone,
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  })
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? ''
  // Put together here: the punctuation between the parts changes from one version of Node to the next.
  return {
    day: `${part('weekday')}, ${part('day')} ${part('month')} ${part('year')}`,
    time: `${part('hour')}:${part('minute')}`,
  }
}

function zoneName(at: Date, timeZone: string): string {
  const [, place] = NAMED_AFTER_PLACES.exec(timeZone) ?? []
  const offset = (partsOf(at, { timeZone, timeZoneName: 'shortOffset' }).get('timeZoneName') ?? '').replace(
    'GMT',
    'UTC',
  )
  if (place === undefined) return offset === 'UTC+0' ? 'UTC' : offset
  const name = `${place.replaceAll('_', ' ')} time`
  return comesTwice(at, timeZone) ? `${name}, ${offset}` : name
}

/** Returns whether the clocks show the same time twice, an hour apart, because they are set back between. */
function comesTwice(at: Date, timeZone: string): boolean {
  const shown = (moment: Date) => Object.values(localTime(moment, timeZone)).join(' ')
  const own = shown(at)
  return CHANGES_OF_CLOCKS_MS.some((change) => shown(new Date(at.getTime() + change)) === own)
}

function partsOf(at: Date, options: Intl.DateTimeFormatOptions): ReadonlyMap<Intl.DateTimeFormatPartTypes, string> {
  const parts = new Intl.DateTimeFormat('en-GB', options).formatToParts(at)
  return new Map(parts.map(({ type, value }) => [type, value]))
}
