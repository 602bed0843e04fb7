import { hash } from 'node:crypto'
import type { Caller } from '@boxoffice/core/tokens.ts'

/**
 * Pseudonyms under which limits per customer are counted. A customer is counted by account and by e-mail address; a
 * shop or a box office books for many with one token, so there only the address tells customers apart. `email` is
 * `null` in a quote that does not say for whom it is.
 */
export function customerKeys(caller: Caller, email: string | null): string[] {
  const keys = caller.role === 'customer' ? [`o:${sha256(caller.subject)}`] : []
  if (email !== null) keys.push(`e:${sha256(email.trim().toLowerCase())}`)
  return keys
}

const sha256 = (text: string) => hash('sha256', text, 'hex')
