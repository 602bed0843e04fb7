import { signToken } from '@boxoffice/core/access/tokens.ts'
import { JWT_SECRET } from './product.ts'

const TOKEN_TTL_S = 86_400

/** A token of each of `count` customers, for what the rig has started. */
export function signCustomers(count: number): Promise<string[]> {
  const settings = { JWT_AUDIENCE: 'boxoffice', JWT_ISSUER: undefined }
  return Promise.all(
    Array.from({ length: count }, (_, index) =>
      signToken(
        { subject: `load-customer-${index}`, role: 'customer', organizerId: null, ttlSeconds: TOKEN_TTL_S },
        JWT_SECRET,
        settings,
      ),
    ),
  )
}
