import { z } from 'zod'
import { changing, creating, exampleOf, rulesOf } from '@boxoffice/core/fields/field.ts'
import { PROMO_CODE, promoCodeRules } from '@boxoffice/core/fields/promo-code.ts'
import { page } from '../fields.ts'
import { plainOperations } from '../plain-operations.ts'
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
  query: z.strictObject({ ...page, organizerId: organizerIdQuery }),
  access: { create: 'organizer', list: 'organizer', get: 'organizerOwn' },
  but: {
    create: { problems: ['not_found', 'already_exists'] },
    update: {
      description:
        'Applies to what is decided from then on. `maxRedemptions` below what was redeemed is refused, with `redeemed`. A limit per customer counts what each has redeemed already.',
      problems: ['in_use'],
    },
  },
})
