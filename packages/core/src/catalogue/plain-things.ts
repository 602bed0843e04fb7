import { MOVIE } from '../fields/movie.ts'
import { ORGANIZER } from '../fields/organizer.ts'
import { AUDITORIUM, VENUE } from '../fields/venue.ts'
import { requireOrganizer, requireOwned } from './ownership.ts'
import type { PlainThing } from './plain-thing.ts'
import { columnsOf } from '../use-case/read-things.ts'

const CREATED_AT = { createdAt: 't.created_at' }
const OWN = { owner: 't.organizer_id', requireParent: requireOrganizer }

/** The sellers. */
export const organizers: PlainThing<typeof ORGANIZER> = {
  noun: 'organizer',
  fields: ORGANIZER,
  from: 'organizers t',
  owner: 't.id',
  columns: { ...columnsOf(ORGANIZER), ...CREATED_AT },
  requireParent: async () => undefined,
  // The address may be a person's: records say only whether there is one.
  redact: ({ contactEmail, ...values }) => ({
    ...values,
    ...(contactEmail !== undefined && { contactEmail: contactEmail === null ? null : 'set' }),
  }),
}

/** The houses in which showtimes are. */
export const venues: PlainThing<typeof VENUE> = {
  ...OWN,
  noun: 'venue',
  fields: VENUE,
  from: 'venues t',
  columns: { organizerId: OWN.owner, ...columnsOf(VENUE), ...CREATED_AT },
}

/** The rooms of a venue. They have no seats until a layout is imported. */
export const auditoriums: PlainThing<typeof AUDITORIUM> = {
  noun: 'auditorium',
  fields: AUDITORIUM,
  from: 'auditoriums t join venues v on v.id = t.venue_id',
  owner: 'v.organizer_id',
  columns: {
    organizerId: 'v.organizer_id',
    ...columnsOf(AUDITORIUM),
    layoutVersion: '(select max(version) from layouts where auditorium_id = t.id)',
    ...CREATED_AT,
  },
  requireParent: (tx, organizerId, { venueId }) => requireOwned(tx, 'venue', organizerId, venueId),
}

/** The films of showtimes. */
export const movies: PlainThing<typeof MOVIE> = {
  ...OWN,
  noun: 'movie',
  fields: MOVIE,
  from: 'movies t',
  columns: { organizerId: OWN.owner, ...columnsOf(MOVIE) },
  unrecorded: ['synopsis'],
}
