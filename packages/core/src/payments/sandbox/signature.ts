import { createHmac, timingSafeEqual } from 'node:crypto'
import { WebhookRefusedError } from '../provider.ts'

export const SIGNATURE_HEADER = 'sandbox-signature'

/** Largest difference between the clocks of sender and receiver; beyond it, a webhook counts as a replay. */
const TOLERANCE_S = 300

const SIGNATURE = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/

/** Returns the value of `sandbox-signature`: `t=<unix seconds>,v1=<hex of HMAC-SHA256 over "t.body">`. */
export function signWebhook(body: string | Buffer, secret: string, nowMs: number): string {
  const signedAt = String(Math.floor(nowMs / 1_000))
  return `t=${signedAt},v1=${hmac(signedAt, body, secret).toString('hex')}`
}

/** Throws `WebhookRefusedError` unless `header` signs these very bytes, at most five minutes ago or ahead. */
export function verifyWebhook(
  body: Buffer,
  header: string | readonly string[] | undefined,
  secret: string,
  nowMs: number,
): void {
  if (typeof header !== 'string')
    throw new WebhookRefusedError(`The ${SIGNATURE_HEADER} header is missing, or sent twice.`)
  const [, signedAt = '', signature = ''] = SIGNATURE.exec(header) ?? []
  if (signature === '') throw new WebhookRefusedError(`The ${SIGNATURE_HEADER} header is malformed.`)
  // The signature first: nothing is said about the time to someone who does not know the secret.
  if (!timingSafeEqual(hmac(signedAt, body, secret), Buffer.from(signature, 'hex'))) {
    throw new WebhookRefusedError('The signature does not fit the body.')
  }
  if (Math.abs(nowMs / 1_000 - Number(signedAt)) > TOLERANCE_S) {
    throw new WebhookRefusedError('The signature is too old, or from the future.')
  }
}

function hmac(signedAt: string, body: string | Buffer, secret: string): Buffer {
  return createHmac('sha256', secret).update(`${signedAt}.`).update(body).digest()
}
