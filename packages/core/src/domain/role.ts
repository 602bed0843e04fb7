/** Roles of callers. Staff and organizers act for one organizer, admins run the service. */
export const ROLES = ['customer', 'staff', 'organizer', 'admin'] as const
export type Role = (typeof ROLES)[number]

/** Scopes of API keys. `null` on an operation: keys may not call it. */
export const SCOPES = [
  'bookings:read',
  'bookings:write',
  'bookings:manage',
  'refunds:write',
  'check-ins:write',
  'catalogue:read',
  'catalogue:write',
  'organizer:write',
  'audit:read',
  'feed:read',
  'webhooks:write',
] as const
export type Scope = (typeof SCOPES)[number]

/** Scopes that a key of a role can use at all: the calls of the other scopes are not for staff. */
export const SCOPES_OF: Readonly<Record<'staff' | 'organizer', readonly Scope[]>> = {
  staff: ['bookings:read', 'bookings:write', 'bookings:manage', 'refunds:write', 'check-ins:write'],
  organizer: SCOPES,
}
