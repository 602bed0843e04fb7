/** Control characters, and what shows nothing but turns the direction of what follows or splits a word. */
const HIDDEN = /[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu
const SPACES = /[\p{White_Space}\p{Cc}]+/gu

/**
 * Returns whether a mailbox might make a link of some of it: an address, a path, or a name with a dot inside. A time is
 * none.
 */
export function couldBeLink(text: string): boolean {
  return /[/@\\]|:(?![\s\p{N}]|$)|[\p{L}\p{N}]\.\p{L}|\p{L}\.\p{N}/u.test(text.replaceAll(HIDDEN, ''))
}

/** Returns typed text as plain words on one line; `null` if nothing is left, or some of it could be a link. */
export function plainWords(text: string): string | null {
  const words = text.toWellFormed().replaceAll(HIDDEN, '').replaceAll(SPACES, ' ').trim()
  return words === '' || couldBeLink(words) ? null : words
}
