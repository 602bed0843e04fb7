/** An API key as its holder has it: `bo_7KQ2XM9PWT_…`. The first part finds it, the second proves it. */
export interface PresentedKey {
  readonly prefix: string
  readonly secret: string
}

const KEY = /^(bo_[A-HJKMNP-Z2-9]{10})_([A-Za-z0-9_-]{43})$/

/** Returns whether a bearer token claims to be an API key: no JSON Web Token begins like this. */
export const looksLikeApiKey = (token: string) => token.startsWith('bo_')

/** Parses an API key; returns `null` for any other text. */
export function parseApiKey(token: string): PresentedKey | null {
  const [, prefix, secret] = KEY.exec(token) ?? []
  return prefix === undefined || secret === undefined ? null : { prefix, secret }
}
