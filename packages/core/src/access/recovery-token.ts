import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto'
import { jwtVerify, SignJWT } from 'jose'
import { z } from 'zod'

/** Validity of a mailed link. */
export const RECOVERY_TTL_S = 3_600

/** Neither the audience of guests nor their key: a recovery token is no token to call with, nor the other way round. */
const ISSUER = 'boxoffice-recovery'

const claims = z.object({ booking: z.guid() })

/** Returns the token of a mailed link: valid for this booking, for an hour from `nowMs`. */
export async function signRecoveryToken(bookingId: string, guestSecret: string, nowMs: number): Promise<string> {
  const nowS = Math.floor(nowMs / 1_000)
  return await new SignJWT({ booking: bookingId })
    .setProtectedHeader({ alg: 'HS256', typ: 'recovery+jwt' })
    .setIssuer(ISSUER)
    .setAudience(ISSUER)
    .setIssuedAt(nowS)
    .setExpirationTime(nowS + RECOVERY_TTL_S)
    .sign(keyOf(guestSecret))
}

/** Returns the id of the token's booking; `null` for a token that is expired, forged or for something else. */
export async function verifyRecoveryToken(token: string, guestSecret: string): Promise<string | null> {
  try {
    const { payload } = await jwtVerify(token, keyOf(guestSecret), {
      algorithms: ['HS256'],
      typ: 'recovery+jwt',
      issuer: ISSUER,
      audience: ISSUER,
      requiredClaims: ['exp'],
    })
    return claims.parse(payload).booking
  } catch {
    return null
  }
}

function keyOf(guestSecret: string): KeyObject {
  return createSecretKey(new Uint8Array(hkdfSync('sha256', guestSecret, '', 'boxoffice booking recovery', 32)))
}
