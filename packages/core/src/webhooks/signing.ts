import { createHmac } from 'node:crypto'

/** Standard Webhooks 1.0.0: `whsec_` and the base64 of 24 to 64 random bytes. */
const PREFIX = 'whsec_'
export const SECRET_BYTES = 32

export function secretOf(bytes: Uint8Array): string {
  return `${PREFIX}${Buffer.from(bytes).toString('base64')}`
}

/**
 * Returns the value of `webhook-signature`: one signature for each secret, the current one first, so that a receiver
 * may know either of them.
 */
export function signaturesOf(
  secrets: readonly string[],
  { id, timestamp, body }: { readonly id: string; readonly timestamp: number; readonly body: string },
): string {
  return secrets
    .map((secret) => {
      const key = Buffer.from(secret.slice(PREFIX.length), 'base64')
      return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`
    })
    .join(' ')
}
