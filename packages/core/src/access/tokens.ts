import { createSecretKey } from 'node:crypto'
import {
  decodeJwt,
  errors,
  jwtVerify,
  SignJWT,
  type JWTPayload,
  type JWTVerifyOptions,
  type JWTVerifyResult,
} from 'jose'
import { z } from 'zod'
import { issuerKeys } from './issuer-keys.ts'
import type { Logger } from '../runtime/logger.ts'
import { type Role, ROLES, type Scope } from '../domain/role.ts'
import type { Secrets } from '../settings/secrets.ts'
import type { Settings } from '../settings/settings.ts'
import { isProblem, Problem } from '../use-case/problem.ts'

export const roleSchema = z.enum(ROLES)

/** Caller, as a verified token identifies it. */
export interface Caller {
  readonly subject: string
  readonly role: Role
  /** The organizer that staff and organizers act for. */
  readonly organizerId: string | null
  /** A guest session: a customer nobody vouches for. */
  readonly guest: boolean
  /** Scopes of an API key; `null` for tokens, which may do all that their role may. */
  readonly scopes: readonly Scope[] | null
  /** The one booking that a recovered guest may act on as its owner. */
  readonly bookingId: string | null
}

/** Verifies a compact JWT. Throws Problem `unauthenticated`, `unavailable`. */
export type VerifyToken = (token: string) => Promise<Caller>

/** Guest tokens have an issuer, an audience and a key of their own: neither kind passes as the other. */
const GUEST_ISSUER = 'boxoffice-guest'
const GUEST_AUDIENCE = 'boxoffice-guest'
const GUEST_SUBJECT_PREFIX = 'guest:'

/** Subjects that we give out ourselves, to API keys, payment providers and the system: no issuer may take one of them. */
const OWN_SUBJECT = /^(?:system$|key:|provider:)/

const MAX_TOKEN_LENGTH = 4_096
const MAX_CACHED_TOKENS = 10_000

/** A key taken out of the key set stops counting after this long at the latest. */
const MAX_CACHED_MS = 300_000

/** The subject ends up in rows and as a part of keys, so it is held to what every part of the system can carry. */
const subjectSchema = z.string().regex(/^[^\p{Cc}\p{Cs}]{1,200}$/u)

const claimsSchema = z.object({
  sub: subjectSchema,
  role: roleSchema,
  org: z
    .guid()
    .transform((id) => id.toLowerCase())
    .nullish(),
  /** Booking of a recovered guest; accepted in our own tokens only. */
  booking: z.unknown().optional(),
  exp: z.number(),
})

interface TokenSubject {
  readonly subject: string
  readonly role: Role
  readonly organizerId: string | null
  readonly ttlSeconds: number
}

/** Signs a caller's token with the shared secret (HS256). */
export async function signToken(
  { subject, role, organizerId, ttlSeconds }: TokenSubject,
  secret: string,
  settings: Pick<Settings, 'JWT_AUDIENCE' | 'JWT_ISSUER'>,
): Promise<string> {
  const token = new SignJWT({ role, ...(organizerId !== null && { org: organizerId }) })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setSubject(subjectSchema.parse(subject))
    .setAudience(settings.JWT_AUDIENCE)
    .setIssuedAt()
    .setExpirationTime(Math.floor(Date.now() / 1_000) + ttlSeconds)
  if (settings.JWT_ISSUER !== undefined) token.setIssuer(settings.JWT_ISSUER)
  return await token.sign(secretKey(secret))
}

/**
 * Signs the token of a new guest session. `id` is unique to the guest and cannot be guessed. With a `bookingId` it is
 * that of somebody who has recovered this one booking, and may act on it and on no other.
 */
export async function signGuestToken(
  id: string,
  ttlSeconds: number,
  guestSecret: string,
  bookingId: string | null = null,
): Promise<string> {
  return await new SignJWT({ role: 'customer' satisfies Role, ...(bookingId !== null && { booking: bookingId }) })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setSubject(`${GUEST_SUBJECT_PREFIX}${id}`)
    .setIssuer(GUEST_ISSUER)
    .setAudience(GUEST_AUDIENCE)
    .setIssuedAt()
    .setExpirationTime(Math.floor(Date.now() / 1_000) + ttlSeconds)
    .sign(secretKey(guestSecret))
}

/**
 * Verifies tokens as RFC 8725 asks: algorithms pinned, `exp` and `sub` required, `aud` always and `iss` where set.
 * Remembers the most recently used tokens for a while, for checking a signature on every request is costly.
 *
 * @param logger hears of an issuer that is away.
 */
export function createTokenVerifier(
  settings: Pick<Settings, 'JWKS_URL' | 'JWT_AUDIENCE' | 'JWT_ISSUER'>,
  secrets: Pick<Secrets, 'jwtSecret' | 'guestSecret'>,
  logger: Logger | null = null,
): VerifyToken {
  const verifyCaller = callerVerifier(settings, secrets, logger)
  const guestKey = secretKey(secrets.guestSecret)
  const guestOptions: JWTVerifyOptions = {
    algorithms: ['HS256'],
    audience: GUEST_AUDIENCE,
    issuer: GUEST_ISSUER,
    requiredClaims: ['exp', 'sub'],
  }
  // A Map keeps the order of insertion: taking an entry out and putting it in again makes its first key the oldest.
  const known = new Map<string, { readonly caller: Caller; readonly expiresAt: number }>()

  return async (token) => {
    const hit = known.get(token)
    if (hit !== undefined) {
      known.delete(token)
      if (hit.expiresAt > Date.now()) {
        known.set(token, hit)
        return hit.caller
      }
    }
    if (token.length > MAX_TOKEN_LENGTH) throw new Problem('unauthenticated', { detail: 'The token is too long.' })

    // The unverified issuer chooses the key and nothing else; the signature then has to fit that key.
    const guest = unverifiedIssuer(token) === GUEST_ISSUER
    const payload = await verified(guest ? jwtVerify(token, guestKey, guestOptions) : verifyCaller(token))
    const claims = claimsSchema.safeParse(payload)
    if (!claims.success)
      throw new Problem('unauthenticated', { detail: 'The claims sub, role, org or exp are invalid.' })
    const { sub, role, org, booking, exp } = claims.data
    if (guest !== sub.startsWith(GUEST_SUBJECT_PREFIX) || (guest && role !== 'customer') || OWN_SUBJECT.test(sub)) {
      throw new Problem('unauthenticated', { detail: 'The subject does not fit the issuer.' })
    }
    const bookingId = guest
      ? z
          .guid()
          .nullable()
          .parse(booking ?? null)
      : null
    const caller: Caller = { subject: sub, role, organizerId: org ?? null, guest, scopes: null, bookingId }
    known.set(token, { caller, expiresAt: Math.min(exp * 1_000, Date.now() + MAX_CACHED_MS) })
    if (known.size > MAX_CACHED_TOKENS) {
      for (const oldest of known.keys()) {
        known.delete(oldest)
        break
      }
    }
    return caller
  }
}

function callerVerifier(
  settings: Pick<Settings, 'JWKS_URL' | 'JWT_AUDIENCE' | 'JWT_ISSUER'>,
  secrets: Pick<Secrets, 'jwtSecret'>,
  logger: Logger | null,
): (token: string) => Promise<JWTVerifyResult> {
  const options: JWTVerifyOptions = {
    audience: settings.JWT_AUDIENCE,
    requiredClaims: ['exp', 'sub'],
    ...(settings.JWT_ISSUER !== undefined && { issuer: settings.JWT_ISSUER }),
  }
  if (settings.JWKS_URL !== undefined) {
    const key = issuerKeys(new URL(settings.JWKS_URL), logger)
    return (token) => jwtVerify(token, key, { ...options, algorithms: ['RS256', 'ES256', 'EdDSA'] })
  }
  if (secrets.jwtSecret === null) throw new Error('There is neither a key set nor a secret to verify tokens with.')
  const key = secretKey(secrets.jwtSecret)
  return (token) => jwtVerify(token, key, { ...options, algorithms: ['HS256'] })
}

/**
 * Returns the payload. Anything that goes wrong over a stranger's token is the token's fault, except a key set that
 * cannot be fetched.
 */
async function verified(result: Promise<JWTVerifyResult>): Promise<JWTPayload> {
  try {
    return (await result).payload
  } catch (error) {
    if (isProblem(error, 'unavailable')) throw error
    if (error instanceof errors.JWTExpired) throw new Problem('unauthenticated', { detail: 'The token has expired.' })
    throw new Problem('unauthenticated', { detail: 'The token is not valid.' })
  }
}

function unverifiedIssuer(token: string): string | undefined {
  try {
    return decodeJwt(token).iss
  } catch {
    throw new Problem('unauthenticated', { detail: 'The token is not a JSON Web Token.' })
  }
}

// A KeyObject and not bytes: jose then imports the key once and not for every token.
const secretKey = (secret: string) => createSecretKey(secret, 'utf8')
