import { randomUUID } from 'node:crypto'
import type { Role } from '@boxoffice/core/domain/role.ts'
import { signToken } from '@boxoffice/core/access/tokens.ts'

/** The secrets that `startProcess` gives to the API. */
export const TEST_SECRETS = {
  JWT_SECRET: 'a-secret-of-the-tests-and-nothing-else',
  GUEST_SECRET: 'another-secret-of-the-tests-for-guests',
  TICKET_KEYS: 'dGVzdHMtc2lnbi10aWNrZXRzLXdpdGgtdGhpcy1rZXk',
} as const

/** Signs a token that an API started by `startProcess` accepts; by default for a new subject. */
export function signTestToken(
  role: Role,
  { subject = `${role}:${randomUUID()}`, organizerId = null }: { subject?: string; organizerId?: string | null } = {},
): Promise<string> {
  const token = { subject, role, organizerId, ttlSeconds: 3_600 }
  return signToken(token, TEST_SECRETS.JWT_SECRET, { JWT_AUDIENCE: 'boxoffice', JWT_ISSUER: undefined })
}
