import { type Role, ROLES } from '@boxoffice/core/domain/role.ts'

/**
 * Access of each caller to each operation: one table, from which the API takes its role checks and the tests every
 * caller's answer.
 */

/** Callers as they stand to the thing that is called: `owner` made the booking, the organizers and staff sell it. */
export const ACTORS = ['nobody', 'customer', 'owner', 'staff', 'foreignOrganizer', 'organizer', 'admin'] as const
export type Actor = (typeof ACTORS)[number]

/** 401 without a token; 403 for a role that may not, where the thing is visible; 404 for what one may not see. */
export type Verdict = 'allow' | 401 | 403 | 404

interface Policy {
  /** Roles that get as far as the thing itself; `null` needs no token. */
  readonly roles: readonly Role[] | null
  readonly verdicts: Readonly<Record<Actor, Verdict>>
}

const verdicts = (
  nobody: Verdict,
  customer: Verdict,
  owner: Verdict,
  staff: Verdict,
  foreignOrganizer: Verdict,
  organizer: Verdict,
  admin: Verdict,
) => ({ nobody, customer, owner, staff, foreignOrganizer, organizer, admin })

const SELLERS = ['staff', 'organizer', 'admin'] as const
const ORGANIZERS = ['organizer', 'admin'] as const

// Each row: nobody, another customer, the owner, staff, another organizer, the organizer, admin.
export const ACCESS = {
  /** No token needed. */
  anyone: { roles: null, verdicts: verdicts('allow', 'allow', 'allow', 'allow', 'allow', 'allow', 'allow') },
  /** Any caller, about what is its own. */
  signedIn: { roles: ROLES, verdicts: verdicts(401, 'allow', 'allow', 'allow', 'allow', 'allow', 'allow') },
  /** A booking request: whoever sent it. */
  requestOwner: { roles: ROLES, verdicts: verdicts(401, 404, 'allow', 404, 404, 404, 'allow') },
  /** Paying a booking: whoever made it. */
  bookingOwner: { roles: ROLES, verdicts: verdicts(401, 404, 'allow', 403, 404, 403, 403) },
  /** A booking and its tickets: whoever made it, and who sells it. */
  bookingReader: { roles: ROLES, verdicts: verdicts(401, 404, 'allow', 'allow', 404, 'allow', 'allow') },
  /** Changes that staff make to a booking. */
  bookingStaff: { roles: ROLES, verdicts: verdicts(401, 404, 403, 'allow', 404, 'allow', 'allow') },
  /** Changes that only the organizer makes to a booking. */
  bookingOrganizer: { roles: ROLES, verdicts: verdicts(401, 404, 403, 403, 404, 'allow', 'allow') },
  /** The gate and the counter, each for its own organizer. */
  staff: { roles: SELLERS, verdicts: verdicts(401, 403, 403, 'allow', 'allow', 'allow', 'allow') },
  /** Collections of an organizer: each sees and adds to its own. */
  organizer: { roles: ORGANIZERS, verdicts: verdicts(401, 403, 403, 403, 'allow', 'allow', 'allow') },
  /** One thing of an organizer. */
  organizerOwn: { roles: ORGANIZERS, verdicts: verdicts(401, 403, 403, 403, 404, 'allow', 'allow') },
  /** Running the service. */
  admin: { roles: ['admin'], verdicts: verdicts(401, 403, 403, 403, 403, 403, 'allow') },
} as const satisfies Record<string, Policy>

export type AccessName = keyof typeof ACCESS
