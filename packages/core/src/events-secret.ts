const SECRET = /^whsec_([A-Za-z0-9+/]{32,}={0,2})$/

/** The key bytes of a `whsec_…` secret (Standard Webhooks 1.0.0), or `null` for what is none. */
export function parseEventsSecret(text: string): Buffer | null {
  const encoded = SECRET.exec(text)?.[1]
  return encoded === undefined ? null : Buffer.from(encoded, 'base64')
}
