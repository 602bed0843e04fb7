/**
 * Characters that names and titles may contain. Names go into mails, onto tickets and into lists: a character that
 * shows nothing, or that reverses what follows, makes one name look like another.
 */

/** Longest name of venues, movies, events, ticket types and the like. */
export const MAX_NAME_LENGTH = 200

/** Controls, formats (zero-width and bidirectional ones among them), separators of lines, halves of characters, blanks
 * that count as letters. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\u115F\u1160\u3164\uFFA0]/u

/** Scripts in which a joiner or a non-joiner changes how a word is written: Persian, Sinhala, Malayalam and others. */
const JOINING = [
  'Adlm',
  'Arab',
  'Beng',
  'Deva',
  'Gujr',
  'Guru',
  'Khmr',
  'Knda',
  'Mlym',
  'Mong',
  'Mymr',
  'Nkoo',
  'Orya',
  'Sinh',
  'Syrc',
  'Taml',
  'Telu',
  'Tibt',
]
  .map((script) => `\\p{Script_Extensions=${script}}`)
  .join('')

/** Format characters that belong to what is written: joiners of such words and of emoji, flags of regions, Arabic signs. */
const NEEDED = new RegExp(
  [
    String.raw`(?<=[${JOINING}])(?<=[\p{L}\p{M}])[\u200C\u200D]`,
    String.raw`(?<=[\p{Extended_Pictographic}\p{Emoji_Modifier}\uFE0F])\u200D(?=\p{Extended_Pictographic})`,
    String.raw`(?<=\u{1F3F4})[\u{E0020}-\u{E007E}]+\u{E007F}`,
    String.raw`[\u0600-\u0605\u06DD\u070F\u0890\u0891\u08E2\u{110BD}\u{110CD}]`,
  ].join('|'),
  'gu',
)

/** Format characters of which some are needed, depending on what stands beside them. */
const SOMETIMES_NEEDED = String.raw`\u200C\u200D\u0600-\u0605\u06DD\u070F\u0890\u0891\u08E2\u{110BD}\u{110CD}\u{E0020}-\u{E007F}`

/** Characters that separate words and are no blank: ends of lines, tabs, and letters that look like a blank. */
const SEPARATING = String.raw`\t\n\v\f\r\u0085\u2028\u2029\u3164\uFFA0`

/** Characters that are hidden wherever they stand. U+FEFF is one, though JavaScript takes it for a blank. */
const NEVER_NEEDED = new RegExp(`(?![${SOMETIMES_NEEDED}${SEPARATING}])${HIDDEN.source}`, 'gu')

const NEEDED_OR_NOT = new RegExp(`(${NEEDED.source})|[${SOMETIMES_NEEDED}]`, 'gu')

const BLANKS = new RegExp(`[\\s${SEPARATING}]+`, 'gu')

const ALL_HIDDEN = new RegExp(HIDDEN.source, 'gu')

/** Most typed text: there is nothing to clean. */
const CLEAN = /^(?:[!-~]+ )*[!-~]+$/

/** Returns whether the text contains invisible characters, except those that a script or an emoji needs. */
export function holdsHidden(text: string): boolean {
  return HIDDEN.test(text) && HIDDEN.test(text.replaceAll(NEEDED, ''))
}

/**
 * Returns whether the text is a name that people can read: 1 to 200 characters, at least one visible and none hidden.
 */
export function isName(text: string): boolean {
  return text.trim() !== '' && text.length <= MAX_NAME_LENGTH && !holdsHidden(text)
}

/**
 * Returns what a person typed on one line as it is kept: without the marks that phones, contacts and autofill add, with one
 * blank for any blanks and ends of lines between words and none around them, in NFC. Joiners that a script or an emoji needs
 * stay. Text that is clean is returned as it is.
 *
 * It is for what buyers type about themselves. What organizers publish is refused instead (`holdsHidden`): they can look
 * at it again, and a buyer in an on-sale cannot.
 */
export function cleanText(text: string): string {
  if (CLEAN.test(text)) return text
  const visible = text.replaceAll(NEVER_NEEDED, '').normalize('NFC')
  const joined = visible.replaceAll(NEEDED_OR_NOT, '$1').replaceAll(BLANKS, ' ').normalize('NFC')
  // NFC puts accents in order, which can take a joiner away from its letter.
  const sure = holdsHidden(joined) ? joined.replaceAll(ALL_HIDDEN, '').normalize('NFC') : joined
  return sure.replaceAll(BLANKS, ' ').trim()
}

/** Dashes that keyboards and text programs put in place of a hyphen. */
const DASHES = /[\p{Pd}\u2212]/gu

/**
 * Returns a typed or scanned code as it is compared: cleaned, without any blanks, full-width letters and digits as plain
 * ones (NFKC), dashes as hyphens.
 */
export function cleanCode(text: string): string {
  return cleanText(text.normalize('NFKC')).replaceAll(' ', '').replaceAll(DASHES, '-')
}
