import { randomUUID } from 'node:crypto'
import type { Role } from '@boxoffice/core/domain/role.ts'
import { signToken } from '@boxoffice/core/access/tokens.ts'

const TTL_S = 86_400
const SETTINGS = { JWT_AUDIENCE: 'boxoffice', JWT_ISSUER: undefined }

/** A token that the service takes. */
export type SignToken = (subject: string, role: Role, organizerId: string | null) => Promise<string>

/** Signs with the secret that the service verifies with, for its default audience. */
export const tokenSigner =
  (secret: string): SignToken =>
  (subject, role, organizerId) =>
    signToken({ subject, role, organizerId, ttlSeconds: TTL_S }, secret, SETTINGS)

/** Returns tokens of this many customers that nobody has had before: what an earlier run still holds is not theirs. */
export const signCustomers = (sign: SignToken, count: number): Promise<string[]> => {
  const run = randomUUID().slice(0, 8)
  return Promise.all(
    Array.from({ length: count }, (_, index) => sign(`load-${run}-customer-${index}`, 'customer', null)),
  )
}
