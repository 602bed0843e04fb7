import type { IncomingMessage } from 'node:http'
import type { Role, Scope } from '@boxoffice/core/domain/role.ts'
import type { Caller, VerifyToken } from '@boxoffice/core/access/tokens.ts'
import { Problem } from '@boxoffice/core/use-case/problem.ts'

/** Identifies the sender of a request. Throws 401 `unauthenticated` without a valid Bearer token (RFC 6750). */
export type Authenticate = (request: IncomingMessage) => Promise<Caller>

const BEARER = /^Bearer +([A-Za-z0-9._~+/-]+=*)$/i

export function authenticator(verify: VerifyToken): Authenticate {
  return async (request) => {
    const header = request.headers.authorization
    if (header === undefined) throw unauthenticated('This needs an Authorization: Bearer token.')
    const token = BEARER.exec(header)?.[1]
    if (token === undefined) throw unauthenticated('The Authorization header is not a Bearer token.')
    return await verify(token)
  }
}

const unauthenticated = (detail: string) => new Problem('unauthenticated', { detail })

const PLURALS: Readonly<Record<Role, string>> = {
  customer: 'customers',
  staff: 'staff',
  organizer: 'organizers',
  admin: 'admins',
}

/** Throws 403 `forbidden` unless the caller has one of the roles. */
export function requireRole(caller: Caller, ...roles: readonly Role[]): void {
  if (!roles.includes(caller.role))
    throw new Problem('forbidden', { detail: `This is for ${roles.map((role) => PLURALS[role]).join(' and ')}.` })
}

/** Throws 403 `forbidden` for an API key without the scope; `null` is for no API key at all. */
export function requireScope({ scopes }: Caller, scope: Scope | null): void {
  if (scopes === null || (scope !== null && scopes.includes(scope))) return
  const detail = scope === null ? 'API keys may not do this.' : `This API key lacks the scope ${scope}.`
  throw new Problem('forbidden', { detail })
}

/** No organizer has this id. */
const NOBODY = '00000000-0000-0000-0000-000000000000'

/** Returns the organizer whose things the caller may list; `null`, for admins, means everybody's. */
export function organizerScope(caller: Caller): string | null {
  return caller.role === 'admin' ? null : (caller.organizerId ?? NOBODY)
}
