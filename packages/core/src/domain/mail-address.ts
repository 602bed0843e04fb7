const MAX_LENGTH = 254

/** No blank and no control character, and nothing that makes a list, a name or a comment of it (RFC 5322). */
const ADDRESS = /^[^\s\p{Cc}@<>()[\]\\,;:"]{1,64}@[^\s\p{Cc}@<>()\\,;:"]{1,190}$/u

/** Returns whether the text is one e-mail address and nothing else, fit for a mail's header. */
export function isMailAddress(text: string): boolean {
  return text.length <= MAX_LENGTH && ADDRESS.test(text)
}
