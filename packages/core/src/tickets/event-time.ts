/** A moment as the clocks at a venue show it. */
export interface EventTime {
  /** `Friday, 27 November 2026, 20:00` */
  readonly text: string
  /** `WET`, or `GMT-3` where there is no name that people know. */
  readonly zone: string
}

/** English of one region each; each knows the short names of its own region's zones and of hardly any other. */
const LOCALES = ['en-GB', 'en-US', 'en-AU', 'en-IN', 'en-ZA']

/** What is printed where a zone has no short name. */
const OFFSET = /^GMT[+-]/

/**
 * @param timeZone an IANA name such as `Europe/Lisbon`.
 * @throws RangeError for a time zone or a date that is none.
 */
export function eventTime(at: Date, timeZone: string): EventTime {
  const parts = partsOf(at, 'en-GB', {
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
  const day = `${part('weekday')}, ${part('day')} ${part('month')} ${part('year')}`
  return { text: `${day}, ${part('hour')}:${part('minute')}`, zone: zoneName(at, timeZone) }
}

function zoneName(at: Date, timeZone: string): string {
  let offset = timeZone
  for (const locale of LOCALES) {
    const name = partsOf(at, locale, { timeZone, timeZoneName: 'short' }).get('timeZoneName') ?? timeZone
    if (!OFFSET.test(name)) return name
    offset = name
  }
  return offset
}

function partsOf(
  at: Date,
  locale: string,
  options: Intl.DateTimeFormatOptions,
): ReadonlyMap<Intl.DateTimeFormatPartTypes, string> {
  const parts = new Intl.DateTimeFormat(locale, options).formatToParts(at)
  return new Map(parts.map(({ type, value }) => [type, value]))
}
