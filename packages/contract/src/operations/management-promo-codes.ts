import { z } from 'zod'
import { changing, creating, exampleOf, rulesOf } from '@boxoffice/core/fields/field.ts'
import { PROMO_CODE, PROMO_CODE_BATCH, promoCodeBatchRules, promoCodeRules } from '@boxoffice/core/fields/promo-code.ts'
import { page } from '../fields.ts'
import { operation } from '../operation.ts'
import { plainOperations } from '../plain-operations.ts'
import { id } from '@boxoffice/core/fields/values.ts'
import { promoCode } from '../schemas/management.ts'
import { organizerIdInput, organizerIdQuery } from '../schemas/management-parts.ts'

export const { create, list, get, update } = plainOperations({
  noun: 'promo code',
  path: '/v1/promo-codes',
  tag: 'Promo codes',
  view: promoCode,
  example: {
    id: '01890000-0000-7000-8000-000000000040',
    organizerId: '01890000-0000-7000-8000-0000000000b1',
    ...exampleOf(PROMO_CODE),
    redeemed: 0,
    tickets: 0,
    createdAt: '2026-11-22T18:00:00.000Z',
  },
  create: z
    .strictObject({ organizerId: organizerIdInput, ...creating(PROMO_CODE) })
    .superRefine(rulesOf(PROMO_CODE, promoCodeRules)),
  createExample: {
    code: 'EARLY20',
    kind: 'percent',
    value: 2000,
    endsAt: '2026-12-01T00:00:00Z',
    maxRedemptions: 500,
  },
  change: z.strictObject(changing(PROMO_CODE)),
  changeExample: { active: false },
  query: z.strictObject({
    ...page,
    organizerId: organizerIdQuery,
    prefix: z
      .string()
      .regex(/^[A-Za-z0-9_-]{1,40}$/, { error: 'Must have 1 to 40 letters, digits, hyphens and underscores' })
      .optional()
      .meta({ description: 'Beginning of the code, in any case', example: 'EARLY-' }),
  }),
  access: { create: 'organizer', list: 'organizer', get: 'organizerOwn' },
  but: {
    list: { description: 'Newest first. `prefix` finds the codes of a batch.' },
    create: { problems: ['not_found', 'already_exists'] },
    update: {
      description:
        'Applies to what is decided from then on. `maxRedemptions` below what was redeemed is refused, with `redeemed`, and `maxTickets` below the places that it was used for, with `tickets`. Bookings keep their discount, whatever it is for from then on. A limit per customer counts what each has redeemed already.',
      problems: ['in_use'],
    },
  },
})

const batch = [
  { id: '01890000-0000-7000-8000-000000000040', code: 'EARLY-7Q2MZ4K9' },
  { id: '01890000-0000-7000-8000-000000000041', code: 'EARLY-TR8HXW3C' },
]

export const createBatch = operation({
  id: 'createPromoCodeBatch',
  method: 'post',
  path: '/v1/promo-codes/batch',
  tag: 'Promo codes',
  summary: 'Create many promo codes',
  description:
    'All or none. Codes are random and have the same terms. With `Accept: text/csv` the response is CSV, one code a line below the header `code`. A repetition under the same `Idempotency-Key` returns the same codes. An organizer makes one batch after the other: a further one that waits is refused with `429`, and `503` while others make too many.',
  access: 'organizer',
  scope: 'catalogue:write',
  limit: 'write',
  keyed: true,
  body: z
    .strictObject({ organizerId: organizerIdInput, ...creating(PROMO_CODE_BATCH) })
    .superRefine(rulesOf(PROMO_CODE_BATCH, promoCodeBatchRules)),
  bodyExample: { count: 2, prefix: 'EARLY-', kind: 'percent', value: 2000, maxTickets: 1, maxRedemptions: 1 },
  answers: {
    201: {
      description: 'The codes, in the order in which they were made',
      schema: z.strictObject({ items: z.array(z.strictObject({ id, code: PROMO_CODE.code.shown })) }),
      example: { items: batch },
      preferredType: 'text/csv',
    },
  },
  problems: ['not_found', 'overloaded'],
})
