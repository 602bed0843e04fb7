import { hash } from 'node:crypto'

/** JSON that is served as it is until the process ends, with a strong entity tag. */
export function entityOf(document: unknown): { readonly etag: string; readonly body: string } {
  const body = JSON.stringify(document)
  return { etag: `"${hash('sha256', body, 'base64url').slice(0, 16)}"`, body }
}
