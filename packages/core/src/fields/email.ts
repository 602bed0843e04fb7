import { z } from 'zod'
import { cleanText } from '../domain/plain-text.ts'

const MAX_LENGTH = 254
const ADDRESS = z.email()
/** Characters of a domain in any script, and none that would end it in a URL. */
const DOMAIN = /^[\p{L}\p{M}\p{N}.-]+$/u
const NOT_ASCII = /[^\p{ASCII}]/u

/**
 * An e-mail address that a client sends. A domain in other letters than ASCII becomes what mail servers call it
 * (`exämple.org` is `xn--exmple-cua.org`, RFC 5891); before the @ such letters need servers that few have (RFC 6531).
 */
export const emailInput = z
  .string()
  .transform((text, context) => {
    const { local, address } = parse(text)
    const wrong =
      address.length > MAX_LENGTH
        ? `Must have at most ${MAX_LENGTH} characters`
        : NOT_ASCII.test(local)
          ? 'Must have only ASCII letters, digits and signs before the @'
          : ADDRESS.safeParse(address).success
            ? null
            : 'Must be an e-mail address'
    if (wrong === null) return address
    context.issues.push({ code: 'custom', input: text, message: wrong })
    return z.NEVER
  })
  .meta({ override: { type: 'string', format: 'email', maxLength: MAX_LENGTH }, example: 'ada@example.org' })

/** Full-width characters, each 0xFEE0 above its ASCII one. Other letters that resemble ASCII may belong to somebody else. */
const FULL_WIDTH = /[\uFF01-\uFF5E]/g
const halfWidth = (letter: string) => String.fromCharCode(letter.charCodeAt(0) - 0xfee0)

/** An e-mail address that a buyer types: blanks around it and the marks that devices add do not count. */
export const typedEmail = z
  .string()
  .max(4 * MAX_LENGTH, { error: `Must have at most ${MAX_LENGTH} characters`, abort: true })
  .transform((text) => cleanText(text).replaceAll(FULL_WIDTH, halfWidth))
  .pipe(emailInput)
  .meta({ override: { type: 'string', format: 'email', maxLength: MAX_LENGTH }, example: 'ada@example.org' })

function parse(text: string): { readonly local: string; readonly address: string } {
  const at = text.lastIndexOf('@')
  if (at < 0) return { local: '', address: text }
  const local = text.slice(0, at)
  const domain = text.slice(at + 1)
  if (!NOT_ASCII.test(domain) || !DOMAIN.test(domain) || domain.length > MAX_LENGTH) return { local, address: text }
  const url = `http://${domain.normalize('NFC')}`
  return { local, address: URL.canParse(url) ? `${local}@${new URL(url).hostname}` : text }
}
