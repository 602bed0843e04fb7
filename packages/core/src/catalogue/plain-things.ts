import { MOVIE } from '../fields/movie.ts'
import { ORGANIZER } from '../fields/organizer.ts'
import { AUDITORIUM, VENUE } from '../fields/venue.ts'
import { requireOrganizer, requireVenue } from './ownership.ts'
import type { PlainThing } from './plain-thing.ts'

const CREATED_AT = { createdAt: 't.created_at' }

/** Who sells. */
export const organizers: PlainThing<typeof ORGANIZER> = {
  entity: 'organizer',
  fields: ORGANIZER,
  from: 'organizers t',
  owner: 't.id',
  shown: CREATED_AT,
  requireParent: async () => undefined,
  // The address may be a person's: records say only whether there is one.
  redact: ({ contactEmail, ...values }) => ({
    ...values,
    ...(contactEmail !== undefined && { contactEmail: contactEmail === null ? null : 'set' }),
  }),
}

/** Where showtimes are. */
export const venues: PlainThing<typeof VENUE> = {
  entity: 'venue',
  fields: VENUE,
  from: 'venues t',
  owner: 't.organizer_id',
  shown: CREATED_AT,
  requireParent: requireOrganizer,
}

/** Has no seats until it gets its first layout. */
export const auditoriums: PlainThing<typeof AUDITORIUM> = {
  entity: 'auditorium',
  fields: AUDITORIUM,
  from: 'auditoriums t join venues v on v.id = t.venue_id',
  owner: 'v.organizer_id',
  shown: { layoutVersion: '(select max(version) from layouts where auditorium_id = t.id)', ...CREATED_AT },
  requireParent: (tx, organizerId, { venueId }) => requireVenue(tx, organizerId, venueId),
}

/** What is shown. */
export const movies: PlainThing<typeof MOVIE> = {
  entity: 'movie',
  fields: MOVIE,
  from: 'movies t',
  owner: 't.organizer_id',
  shown: {},
  requireParent: requireOrganizer,
  unrecorded: ['synopsis'],
}
