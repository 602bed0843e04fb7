import { domainToASCII } from 'node:url'
import { z } from 'zod'

/** `Name <address>` or the address alone. Without quotes `:`, `;` and brackets in a name mean lists and comments. */
const SENDER = /^(?:"[^"\\\p{Cc}]*"\s*<([^<>]*)>|[^"<>():;\p{Cc}]*<([^<>]*)>|([^<>]*))$/u
/** Mail servers of one machine or network, and the setting's default, have domains without a dot. */
const ADDRESS = z.email({ pattern: z.regexes.html5Email })
/** Characters of a domain. Any other would end a domain in a URL. */
const DOMAIN = /^[\p{L}\p{M}\p{N}.-]+$/u

/** Returns whether mail can be sent from this: an e-mail address, with or without a name before it. */
export function isSender(text: string): boolean {
  const [, quoted, named, alone] = SENDER.exec(text.trim()) ?? []
  const address = quoted ?? named ?? alone ?? ''
  const at = address.lastIndexOf('@')
  const domain = address.slice(at + 1)
  return at > 0 && DOMAIN.test(domain) && ADDRESS.safeParse(`${address.slice(0, at)}@${domainToASCII(domain)}`).success
}
