import type { Role } from '@boxoffice/core/domain/role.ts'
import { signToken } from '@boxoffice/core/tokens.ts'
import { JWT_SECRET } from './product.ts'

const TOKEN_TTL_S = 86_400

/** A token of each of `count` customers. `secret` is that of the service they go to. */
export function signCustomers(count: number, secret = JWT_SECRET): Promise<string[]> {
  return Promise.all(
    Array.from({ length: count }, (_, index) => sign('customer', `load-customer-${index}`, null, secret)),
  )
}

/** A token of somebody who works for `organizerId`, or of an admin. */
export function signWorker(
  role: Exclude<Role, 'customer'>,
  organizerId: string | null,
  secret = JWT_SECRET,
): Promise<string> {
  return sign(role, `load-${role}`, organizerId, secret)
}

function sign(role: Role, subject: string, organizerId: string | null, secret: string): Promise<string> {
  const settings = { JWT_AUDIENCE: 'boxoffice', JWT_ISSUER: undefined }
  return signToken({ subject, role, organizerId, ttlSeconds: TOKEN_TTL_S }, secret, settings)
}
