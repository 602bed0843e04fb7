import { signToken } from '@boxoffice/core/tokens.ts'
import { JWT_SECRET } from './product.ts'

const TOKEN_TTL_S = 86_400

/** A token of each of `count` customers. `secret` is that of the service they go to. */
export function signCustomers(count: number, secret = JWT_SECRET): Promise<string[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => sign(`load-customer-${index}`, secret)))
}

function sign(subject: string, secret: string): Promise<string> {
  const settings = { JWT_AUDIENCE: 'boxoffice', JWT_ISSUER: undefined }
  return signToken({ subject, role: 'customer', organizerId: null, ttlSeconds: TOKEN_TTL_S }, secret, settings)
}
