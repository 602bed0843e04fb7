import { hash } from 'node:crypto'

/** Returns JSON that is served as it is until the process ends, with a strong entity tag. */
export function entityOf(document: unknown): { readonly etag: string; readonly parts: readonly Buffer[] } {
  const body = JSON.stringify(document)
  return { etag: `"${hash('sha256', body, 'base64url').slice(0, 16)}"`, parts: [Buffer.from(body)] }
}
