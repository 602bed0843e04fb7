import { createHash, createPrivateKey, createPublicKey, type KeyObject, randomBytes } from 'node:crypto'

/** An Ed25519 key (RFC 8032) that tickets are signed with. */
export interface TicketKey {
  /** The first 8 characters of the public key's thumbprint (RFC 7638). */
  readonly kid: string
  /** The public key, 32 bytes in base64url. */
  readonly x: string
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
}

/** New tickets are signed with the first key; those of every key verify. */
export type TicketKeys = readonly [TicketKey, ...TicketKey[]]

/** A JSON Web Key Set (RFC 7517, section 5) of Ed25519 public keys (RFC 8037, section 2). */
export interface PublicKeySet {
  readonly keys: readonly {
    readonly kty: 'OKP'
    readonly crv: 'Ed25519'
    readonly x: string
    readonly kid: string
    readonly alg: 'EdDSA'
    readonly use: 'sig'
  }[]
}

const SEED_BYTES = 32
const KID_LENGTH = 8

/** Bytes before the seed in a PKCS #8 private key (RFC 8410, section 7): node accepts seeds in no shorter form. */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex')

/**
 * Reads the form of the setting TICKET_KEYS: seeds of 32 bytes in base64url, separated by commas. `null` when one is
 * malformed, or two have the same `kid`: a token's key would then be a matter of chance.
 */
export function parseTicketKeys(text: string): TicketKeys | null {
  const keys: TicketKey[] = []
  for (const part of text.split(',')) {
    const seed = part.trim()
    const bytes = Buffer.from(seed, 'base64url')
    // Buffer skips what is no base64url; only a seed that it writes the same way was read whole.
    if (bytes.length !== SEED_BYTES || bytes.toString('base64url') !== seed) return null
    const key = keyOfSeed(bytes)
    if (keys.some(({ kid }) => kid === key.kid)) return null
    keys.push(key)
  }
  const [first, ...rest] = keys
  return first === undefined ? null : [first, ...rest]
}

/** Returns a new seed for TICKET_KEYS. */
export function makeTicketKey(): string {
  return randomBytes(SEED_BYTES).toString('base64url')
}

/** Returns the key set that gates and other verifiers need. All of it may be published. */
export function publicKeySet(keys: TicketKeys): PublicKeySet {
  return {
    keys: keys.map(({ kid, x }) => ({ kty: 'OKP', crv: 'Ed25519', x, kid, alg: 'EdDSA', use: 'sig' })),
  }
}

function keyOfSeed(seed: Buffer): TicketKey {
  const privateKey = createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: 'der', type: 'pkcs8' })
  const publicKey = createPublicKey(privateKey)
  const { x } = publicKey.export({ format: 'jwk' })
  if (x === undefined) throw new Error('an Ed25519 key without its x')
  return { kid: thumbprint(x).slice(0, KID_LENGTH), x, publicKey, privateKey }
}

/**
 * Computes the thumbprint of RFC 7638 from the members that RFC 8037, appendix A.3, names, in their order and without
 * white space.
 */
function thumbprint(x: string): string {
  const members = JSON.stringify({ crv: 'Ed25519', kty: 'OKP', x })
  return createHash('sha256').update(members).digest('base64url')
}
