import { hash } from 'node:crypto'
import type { Caller } from '@boxoffice/core/access/tokens.ts'

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
 * shop or a box office books for many with one token, so there only the address tells customers apart.
 */
export function customerKeys(caller: Caller, sells: boolean, email: string): string[] {
  return sells ? [ofEmail(email)] : [ofAccount(caller), ofEmail(email)]
}

/**
 * The pseudonyms that a quote goes by. A customer's quote goes by the account alone: an answer that depended on an e-mail
 * address would tell anybody who types it whether its owner has tickets. Whoever sells may know that anyway. `email` is
 * `null` where the quote does not say for whom it is.
 */
export function quotedCustomerKeys(caller: Caller, sells: boolean, email: string | null): string[] {
  if (!sells) return [ofAccount(caller)]
  return email === null ? [] : [ofEmail(email)]
}

const ofAccount = ({ subject }: Caller) => `o:${sha256(subject)}`
const ofEmail = (email: string) => `e:${sha256(email.trim().toLowerCase())}`
const sha256 = (text: string) => hash('sha256', text, 'hex')
