import { z } from 'zod'
import { WEEKDAYS } from '@boxoffice/core/domain/recurrence.ts'
import { changing, creating, exampleOf, rulesOf } from '@boxoffice/core/fields/field.ts'
import { termsRules } from '@boxoffice/core/fields/resource.ts'
import { SHOWTIME } from '@boxoffice/core/fields/showtime.ts'
import { dayInput, idInput } from '@boxoffice/core/fields/values.ts'
import { operation } from '../operation.ts'
import { resourceOperations } from '../resource-operations.ts'
import { managedShowtime } from '../schemas/management.ts'
import { organizerIdInput } from '../schemas/management-parts.ts'

const tag = 'Showtimes'

const example = {
  id: '01890000-0000-7000-8000-000000000001',
  organizerId: '01890000-0000-7000-8000-0000000000b1',
  movie: { id: '01890000-0000-7000-8000-000000000020', title: 'The Third Man' },
  venue: { id: '01890000-0000-7000-8000-000000000021', name: 'Farol Cinema', timeZone: 'Europe/Lisbon' },
  auditorium: { id: '01890000-0000-7000-8000-000000000022', name: 'One' },
  ...exampleOf(SHOWTIME),
  onSale: false,
  seats: { total: 183, sold: 0, kept: 0 },
  areas: [],
  version: 0,
  createdAt: '2026-11-22T18:00:00.000Z',
}

/** Seat maps call the same thing `name`. */
const PRICE_BY_NAME = {
  '/prices/*/name': 'Unknown field; a price names its category by `category` or `categoryId`',
}

const { startsAt: _, ...repeated } = SHOWTIME
const of = { organizerId: organizerIdInput, movieId: idInput, auditoriumId: idInput }

const oneExample = {
  movieId: '01890000-0000-7000-8000-000000000020',
  auditoriumId: '01890000-0000-7000-8000-000000000022',
  status: 'active',
  currency: 'EUR',
  prices: [{ category: 'Standard', price: 1200 }],
}

const creation = {
  method: 'post',
  tag,
  // Built on things of an organizer: another one's do not exist.
  access: 'organizerOwn',
  scope: 'catalogue:write',
  limit: 'write',
  keyed: true,
  untaken: PRICE_BY_NAME,
  problems: ['not_found'],
} as const

export const create = operation({
  ...creation,
  id: 'createShowtime',
  path: '/v1/showtimes',
  summary: 'Create a showtime',
  body: z.strictObject({ ...of, ...creating(SHOWTIME) }).superRefine(rulesOf(SHOWTIME, termsRules)),
  bodyExample: { ...oneExample, startsAt: '2026-12-24T20:00:00Z' },
  answers: { 201: { description: 'The showtime', schema: managedShowtime, example } },
})

export const createMany = operation({
  ...creation,
  id: 'createShowtimes',
  path: '/v1/showtimes/batch',
  summary: 'Create a recurring set of showtimes',
  description:
    'Creates showtimes at the same local times on days of the week, in the time zone of the venue: all or none, at most 200.',
  body: z
    .strictObject({
      ...of,
      ...creating(repeated),
      recurrence: z.strictObject({
        days: z
          .array(z.enum(WEEKDAYS))
          .min(1)
          .max(7)
          .transform((days) => WEEKDAYS.filter((day) => days.includes(day))),
        times: z
          .array(z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, { error: 'Must be a local time such as 21:00' }))
          .min(1)
          .max(48)
          .meta({ description: 'Local times', example: ['18:00', '21:00'] }),
        from: dayInput('2026-12-01').meta({ description: 'The first day' }),
        until: dayInput('2026-12-31').meta({ description: 'The last day' }),
      }),
    })
    .superRefine(rulesOf(repeated, termsRules)),
  bodyExample: {
    ...oneExample,
    recurrence: { days: ['fr', 'sa'], times: ['18:00', '21:00'], from: '2026-12-01', until: '2026-12-31' },
  },
  answers: {
    201: {
      description: 'The showtimes, earliest first',
      schema: z.strictObject({ items: z.array(managedShowtime) }),
      example: { items: [example] },
    },
  },
})

export const {
  update,
  cancel,
  cancellation: getCancellation,
  pause,
  drain,
  resume,
  line: getLine,
  keepPlaces,
  blocks,
  giveBack,
  list,
  get,
} = resourceOperations({
  noun: 'showtime',
  tag,
  onSale: 'active',
  view: managedShowtime,
  example,
  change: z.strictObject(changing(SHOWTIME)),
  changeDescription: [
    'What was booked stays booked, at its price. `status`: `active` puts it on sale, `draft` takes it off while nothing is booked, `cancelled` cancels it as `POST …/cancel` does and must be sent alone.',
    'Another `layoutVersion` is refused where seats that are held or sold would vanish or be disabled; prices follow by the names of the categories. `startsAt` can be changed until the start.',
  ].join('\n\n'),
  untaken: { ...PRICE_BY_NAME, '/movieId': 'Cannot be changed', '/auditoriumId': 'Cannot be changed' },
  changeProblems: ['seats_sold'],
  reason: 'The projector broke',
})
