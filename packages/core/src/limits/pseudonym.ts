import { hash } from 'node:crypto'

/** Enough for nobody to find two texts with one pseudonym by chance; there are many of them, so they are short. */
const BYTES = 16

/** Returns what limits keep of addresses, subjects and e-mail addresses, which are personal data. */
export function pseudonym(text: string): string {
  return hash('sha256', text, 'buffer').toString('base64url', 0, BYTES)
}
