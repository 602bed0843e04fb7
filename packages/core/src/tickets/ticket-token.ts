import { sign, verify } from 'node:crypto'
import { z } from 'zod'
import type { TicketKeys } from '../settings/ticket-keys.ts'

/** Admission of a ticket: a seat or a place of an area by its label, or one admission of an event's ticket type. */
export type TicketPlace =
  | { readonly seat: string; readonly area?: null; readonly ticketTypeId: null }
  | { readonly seat: null; readonly area: string; readonly ticketTypeId: null }
  | { readonly seat: null; readonly area?: null; readonly ticketTypeId: string }

/** Content of a ticket's token. Ids are UUIDs in lower case. */
export type TicketClaims = TicketPlace & {
  readonly ticketId: string
  /** The showtime or event. */
  readonly resourceId: string
}

/** Ours have about 230 to 250 characters; the longest label of characters of three bytes makes 476. */
const MAX_TOKEN_LENGTH = 512
const SIGNATURE_BYTES = 64

/** No longer than a QR code on paper can carry well, and nothing that a scanner's display could trip over. */
const labelSchema = z
  .string()
  .max(64)
  .regex(/^[^\p{Cc}\p{Cs}]+$/u)
const uuidSchema = z.string().regex(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
const shortUuidSchema = z.string().regex(/^[\w-]{22}$/)

const payloadSchema = z.union([
  z.strictObject({ t: shortUuidSchema, r: shortUuidSchema, s: labelSchema }),
  z.strictObject({ t: shortUuidSchema, r: shortUuidSchema, a: labelSchema }),
  z.strictObject({ t: shortUuidSchema, r: shortUuidSchema, k: shortUuidSchema }),
])

/**
 * Signs a ticket's token with the first key: a compact JWS (RFC 7515) with EdDSA (RFC 8037). The names in its payload
 * are a letter each, for every character makes the QR code denser. The same ticket and key give the same token.
 *
 * @throws z.ZodError when an id is no UUID, or the seat no label: such a token would not verify.
 */
export function signTicketToken(keys: TicketKeys, claims: TicketClaims): string {
  const [key] = keys
  const signed = `${headerSegment(key.kid)}.${payloadSegment(claims)}`
  return `${signed}.${sign(null, Buffer.from(signed), key.privateKey).toString('base64url')}`
}

/**
 * Returns the content of a token, or `null` if it is not one of ours. Never throws, whatever `text` is.
 *
 * It compares the header and does not parse it: a verifier that lets the header choose the algorithm can be talked into
 * `none` or HS256. Payload and signature must be written as we write them, because base64url has spellings that differ
 * in unused bits only, and each would pass as another token of the same ticket.
 */
export function verifyTicketToken(keys: TicketKeys, text: string): TicketClaims | null {
  if (text.length > MAX_TOKEN_LENGTH) return null
  const [header, payload, signature, ...more] = text.split('.')
  if (header === undefined || payload === undefined || signature === undefined || more.length > 0) return null

  const key = keys.find(({ kid }) => headerSegment(kid) === header)
  if (key === undefined) return null
  const signatureBytes = Buffer.from(signature, 'base64url')
  if (signatureBytes.length !== SIGNATURE_BYTES || signatureBytes.toString('base64url') !== signature) return null
  if (!verify(null, Buffer.from(`${header}.${payload}`), key.publicKey, signatureBytes)) return null

  const claims = claimsOf(payload)
  return claims !== null && payloadSegment(claims) === payload ? claims : null
}

function headerSegment(kid: string): string {
  return encode({ alg: 'EdDSA', kid })
}

function payloadSegment({ ticketId, resourceId, ...place }: TicketClaims): string {
  return encode({ t: shortUuid(ticketId), r: shortUuid(resourceId), ...placeSegment(place) })
}

function placeSegment({ seat, area, ticketTypeId }: TicketPlace) {
  if (seat !== null) return { s: labelSchema.parse(seat) }
  return ticketTypeId === null ? { a: labelSchema.parse(area) } : { k: shortUuid(ticketTypeId) }
}

function claimsOf(payload: string): TicketClaims | null {
  let content: unknown
  try {
    content = JSON.parse(Buffer.from(payload, 'base64url').toString())
  } catch {
    return null
  }
  const { success, data } = payloadSchema.safeParse(content)
  if (!success) return null
  const ids = { ticketId: longUuid(data.t), resourceId: longUuid(data.r) }
  if ('s' in data) return { ...ids, seat: data.s, ticketTypeId: null }
  if ('a' in data) return { ...ids, seat: null, area: data.a, ticketTypeId: null }
  return { ...ids, seat: null, ticketTypeId: longUuid(data.k) }
}

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

function shortUuid(uuid: string): string {
  return Buffer.from(uuidSchema.parse(uuid).replaceAll('-', ''), 'hex').toString('base64url')
}

function longUuid(short: string): string {
  const hex = Buffer.from(short, 'base64url').toString('hex')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
