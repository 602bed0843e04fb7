import { hash } from 'node:crypto'
import type { Caller } from '@boxoffice/core/access/tokens.ts'

/**
 * Returns whether the caller books for others: an organizer's people and machines what is the organizer's own, admins
 * everything. Whoever works for another organizer is a customer like any other. `organizerOf` is called only if it
 * matters, and resolves with the seller.
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
 * Returns the pseudonyms of a quote. A customer's quote uses the account alone: an answer that depended on an e-mail
 * address would tell anybody who types it whether its owner has tickets. A seller may know that anyway. `email` is
 * `null` if the quote names nobody.
 */
export function quotedCustomerKeys(caller: Caller, sells: boolean, email: string | null): string[] {
  if (!sells) return [ofAccount(caller)]
  return email === null ? [] : [ofEmail(email)]
}

const ofAccount = ({ subject }: Caller) => `o:${sha256(subject)}`
const ofEmail = (email: string) => `e:${sha256(email.trim().toLowerCase())}`
const sha256 = (text: string) => hash('sha256', text, 'hex')
