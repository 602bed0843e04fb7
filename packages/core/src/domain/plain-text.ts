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
