const MAX_LENGTH = 254

/** No blank and no control character, and nothing that makes a list, a name or a comment of it (RFC 5322). */
const ADDRESS = /^[^\s\p{Cc}@<>()[\]\\,;:"]{1,64}@[^\s\p{Cc}@<>()\\,;:"]{1,190}$/u

/** One e-mail address and nothing else, such as may stand in a header of a mail. */
export function isMailAddress(text: string): boolean {
  return text.length <= MAX_LENGTH && ADDRESS.test(text)
}
