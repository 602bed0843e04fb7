import type { Operation } from './operation.ts'
import * as apiKeys from './operations/api-keys.ts'
import * as audit from './operations/audit.ts'
import * as availability from './operations/availability.ts'
import * as bookingRecoveries from './operations/booking-recoveries.ts'
import * as bookingRequests from './operations/booking-requests.ts'
import * as bookings from './operations/bookings.ts'
import * as catalogue from './operations/catalogue.ts'
import * as checkIns from './operations/check-ins.ts'
import * as feed from './operations/feed.ts'
import * as guestSessions from './operations/guest-sessions.ts'
import * as health from './operations/health.ts'
import * as lanes from './operations/lanes.ts'
import * as managementAuditoriums from './operations/management-auditoriums.ts'
import * as managementEvents from './operations/management-events.ts'
import * as managementMovies from './operations/management-movies.ts'
import * as managementOrganizers from './operations/management-organizers.ts'
import * as managementPromoCodes from './operations/management-promo-codes.ts'
import * as managementShowtimes from './operations/management-showtimes.ts'
import * as managementVenues from './operations/management-venues.ts'
import * as parked from './operations/parked.ts'
import * as paymentWebhooks from './operations/payment-webhooks.ts'
import * as quotes from './operations/quotes.ts'
import * as tickets from './operations/tickets.ts'
import * as webhooks from './operations/webhooks.ts'

/** A group's file exports its operations and nothing else. */
const GROUPS = [
  bookingRequests,
  quotes,
  catalogue,
  availability,
  bookings,
  tickets,
  checkIns,
  managementOrganizers,
  managementAuditoriums,
  managementVenues,
  managementMovies,
  managementShowtimes,
  managementEvents,
  managementPromoCodes,
  audit,
  webhooks,
  feed,
  paymentWebhooks,
  apiKeys,
  guestSessions,
  bookingRecoveries,
  lanes,
  parked,
  health,
] as const

type OperationsOf<Group> = Group extends unknown ? Group[keyof Group] : never
type Declared = OperationsOf<(typeof GROUPS)[number]>

const declared: readonly Declared[] = GROUPS.flatMap((group) =>
  Object.values<Declared>(group).toSorted((a, b) => (a.id < b.id ? -1 : 1)),
)

/**
 * Every call of the API. What is not among them is served by itself: the sandbox's pages, Bull Board, the docs.
 */
export const OPERATIONS: readonly Operation[] = declared

/** The same by id, with the types of their parts. */
export const operations = Object.fromEntries(declared.map((each) => [each.id, each])) as {
  readonly [Each in Declared as Each['id']]: Each
}
