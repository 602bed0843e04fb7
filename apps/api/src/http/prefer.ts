import { Problem } from '@boxoffice/core/use-case/problem.ts'

const MAX_WAIT_S = 25

const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+"
const QUOTED = '"(?:[^"\\\\]|\\\\.)*"'
const OWS = '[ \\t]*'
const WORD = `(?:${TOKEN}|${QUOTED})`
const PARAMETER = `${OWS};(?:${OWS}${TOKEN}(?:${OWS}=${OWS}${WORD})?)?`
/**
 * One preference of RFC 7240 section 2, with its parameters, up to the comma or the end. White space has one place to
 * match in each position, so that no header can make it backtrack for long.
 */
const PREFERENCE = new RegExp(`${OWS}(?:(${TOKEN})(?:${OWS}=${OWS}(${WORD}))?(?:${PARAMETER})*${OWS})?(?:,|$)`, 'y')

/**
 * Seconds that the client is willing to wait (`Prefer: wait=N`, RFC 7240 section 4.3), or `null` where it does not say.
 * Other preferences are ignored. Throws 400 `invalid_prefer` for a broken header and for more than 25 seconds.
 */
export function preferredWait(header: string | string[] | undefined): number | null {
  if (header === undefined) return null
  const text = Array.isArray(header) ? header.join(',') : header
  let wait: number | null = null
  PREFERENCE.lastIndex = 0
  while (PREFERENCE.lastIndex < text.length) {
    const preference = PREFERENCE.exec(text)
    if (preference === null) throw new Problem('invalid_prefer', { detail: 'The Prefer header is malformed.' })
    // Of a preference given twice the first counts (RFC 7240 section 2).
    if (preference[1]?.toLowerCase() === 'wait' && wait === null) wait = waitSeconds(preference[2])
  }
  return wait
}

function waitSeconds(value: string | undefined): number {
  const digits = value?.replace(/^"(.*)"$/, '$1') ?? ''
  const seconds = /^\d{1,6}$/.test(digits) ? Number(digits) : Number.NaN
  if (!(seconds <= MAX_WAIT_S)) {
    throw new Problem('invalid_prefer', { detail: `wait is a whole number of seconds from 0 to ${MAX_WAIT_S}.` })
  }
  return seconds
}
