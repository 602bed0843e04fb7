import { hash } from 'node:crypto'
import type { Caller } from '@boxoffice/core/tokens.ts'

/**
 * Whether the caller books for others: an organizer's people and machines what is the organizer's own, admins
 * everything. Whoever works for another organizer is a customer like any other. `organizerOf` is asked only where it
 * matters, and resolves with who sells what is wanted.
 */
export async function sellsIt(caller: Caller, organizerOf: () => Promise<string | null>): Promise<boolean> {
  if (caller.role === 'admin') return true
  if (caller.role === 'customer' || caller.organizerId === null) return false
  return caller.organizerId === (await organizerOf())
}

/**
 * Pseudonyms under which limits per customer are counted. A customer is counted by account and by e-mail address; a
 * shop or a box office books for many with one token, so there only the address tells customers apart. `email` is
 * `null` in a quote that does not say for whom it is.
 */
export function customerKeys(caller: Caller, sells: boolean, email: string | null): string[] {
  const keys = sells ? [] : [`o:${sha256(caller.subject)}`]
  if (email !== null) keys.push(`e:${sha256(email.trim().toLowerCase())}`)
  return keys
}

const sha256 = (text: string) => hash('sha256', text, 'hex')
