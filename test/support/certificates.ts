import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import { isIPv4 } from 'node:net'

/** The PEM key and certificate of a TLS server. */
export interface Identity {
  readonly key: string
  readonly cert: string
}

export interface CertificateAuthority {
  /** The authority's certificate in PEM; a client that trusts it trusts the certificates that it issued. */
  readonly certificate: string
  /** Issues a certificate for a name or an IPv4 address, by default valid now. */
  issue(host: string, validity?: Validity): Identity
}

export interface Validity {
  readonly from: Date
  readonly to: Date
}

const DAY_MS = 24 * 60 * 60 * 1_000
export const YESTERDAY = new Date(Date.now() - DAY_MS)
export const TOMORROW = new Date(Date.now() + DAY_MS)
const AROUND_NOW: Validity = { from: YESTERDAY, to: TOMORROW }

/**
 * Creates an authority that lives for one test run; its keys are never written anywhere. Node reads certificates but
 * creates none, so they are put together here: X.509 v3 in DER (RFC 5280), with ECDSA over P-256.
 */
export function createAuthority(name: string): CertificateAuthority {
  const keys = generateKeys()
  const own = { issuer: name, subject: name, publicKey: keys.publicKey, signedWith: keys.privateKey }
  return {
    certificate: certificate({ ...own, ...AROUND_NOW, extensions: [IS_AUTHORITY] }),
    issue: (host, validity = AROUND_NOW) => {
      const { publicKey, privateKey } = generateKeys()
      const signed = { issuer: name, subject: host, publicKey, signedWith: keys.privateKey }
      return {
        key: pemOf(privateKey),
        cert: certificate({ ...signed, ...validity, extensions: [isFor(host)] }),
      }
    },
  }
}

/** Creates a certificate that nobody but its owner vouches for. */
export function selfSigned(host: string): Identity {
  const { publicKey, privateKey } = generateKeys()
  const own = { issuer: host, subject: host, publicKey, signedWith: privateKey }
  return {
    key: pemOf(privateKey),
    cert: certificate({ ...own, ...AROUND_NOW, extensions: [isFor(host)] }),
  }
}

const generateKeys = () => generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
const pemOf = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'pem' }).toString()

interface Contents extends Validity {
  readonly issuer: string
  readonly subject: string
  readonly publicKey: KeyObject
  readonly signedWith: KeyObject
  readonly extensions: readonly Buffer[]
}

function certificate({ issuer, subject, from, to, publicKey, signedWith, extensions }: Contents): string {
  const algorithm = sequence(oid('2a8648ce3d040302'))
  const told = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    algorithm,
    commonName(issuer),
    sequence(utcTime(from), utcTime(to)),
    commonName(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...extensions)),
  )
  const signature = der(0x03, Buffer.concat([Buffer.from([0]), sign('sha256', told, signedWith)]))
  const base64 = sequence(told, algorithm, signature)
    .toString('base64')
    .replaceAll(/.{64}(?=.)/g, '$&\n')
  return `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`
}

/** Encodes tag, length and contents. */
function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const contents = Buffer.concat(parts)
  const { length } = contents
  const lengthBytes = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...lengthBytes]), contents])
}

const sequence = (...parts: readonly Buffer[]) => der(0x30, ...parts)
const oid = (hex: string) => der(0x06, Buffer.from(hex, 'hex'))
const commonName = (name: string) => sequence(der(0x31, sequence(oid('550403'), der(0x0c, Buffer.from(name)))))
/** Encodes a time as `YYMMDDHHMMSSZ`. */
const utcTime = (at: Date) => der(0x17, Buffer.from(`${at.toISOString().replaceAll(/\D/g, '').slice(2, 14)}Z`))
const TRUE = der(0x01, Buffer.from([0xff]))

/** The extension basicConstraints, critical. */
const IS_AUTHORITY = sequence(oid('551d13'), TRUE, der(0x04, sequence(TRUE)))

/** Encodes the extension subjectAltName. */
function isFor(host: string): Buffer {
  const name = isIPv4(host) ? der(0x87, Buffer.from(host.split('.').map(Number))) : der(0x82, Buffer.from(host))
  return sequence(oid('551d11'), der(0x04, sequence(name)))
}
