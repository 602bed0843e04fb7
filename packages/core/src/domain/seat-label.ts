import { holdsHidden } from './plain-text.ts'

/** Longest name of a section, a row or a seat. */
export const MAX_PLACE_NAME = 20

/** Longest label: of a section, a row and a seat, and what is between them. */
export const MAX_PLACE_LABEL = 64

const ENDS_OPEN = /[\p{L}-]$/u
const BEGINS_WITH_DIGIT = /^\p{Nd}/u

/** Returns a function that makes the labels of a row's seats; see `seatLabel`. */
export function seatLabeller(section: string | null, row: string): (seat: string) => string {
  const prefix = section === null ? row : `${section}/${row}`
  const isOpen = ENDS_OPEN.test(row)
  return (seat) => (isOpen && BEGINS_WITH_DIGIT.test(seat) ? `${prefix}${seat}` : `${prefix}-${seat}`)
}

/**
 * Makes the label of a seat that was given none: `A5` where the row ends with a letter or a hyphen and the seat begins with a
 * digit, `1-5A` otherwise, and `Balcony/1-5A` in a section. Rows that end with a hyphen are those of before rows could be
 * numbers. Two seats may get the same label (row `12-` with 5, row `12` with 5): `layoutProblems` finds them.
 */
export function seatLabel(section: string | null, row: string, seat: string): string {
  return seatLabeller(section, row)(seat)
}

/** Returns a name as it is stored: without blanks around it, and composed (NFC), as keyboards of other systems are not. */
export const tidyName = (text: string): string => text.normalize('NFC').trim()

const PLAIN = /^[!-~]+$/

/** Returns whether people can read a tidy name: 1 to `max` characters, none of them a control character or invisible. */
export function isPlaceName(text: string, max: number): boolean {
  return text.length >= 1 && text.length <= max && (PLAIN.test(text) || !holdsHidden(text))
}

/** Returns the number that a seat's name is, of 1 to 9999 and without leading zeros; `null` if it is none. */
export function seatNumber(name: string): number | null {
  return /^[1-9]\d{0,3}$/.test(name) ? Number(name) : null
}
