import { z } from 'zod'
import { currency, idInput, instantInput } from '@boxoffice/core/fields/values.ts'
import { byId, page, pageOf } from '../fields.ts'
import { operation } from '../operation.ts'
import { promoCode } from '../schemas/management.ts'
import { MAX_INTEGER, organizerIdInput, organizerIdQuery } from '../schemas/management-parts.ts'

const tag = 'Promo codes'
const noun = 'promo code'

const example = {
  id: '01890000-0000-7000-8000-000000000040',
  organizerId: '01890000-0000-7000-8000-0000000000b1',
  code: 'EARLY20',
  kind: 'percent',
  value: 2000,
  currency: null,
  active: true,
  startsAt: null,
  endsAt: '2026-12-01T00:00:00.000Z',
  maxRedemptions: 500,
  maxPerCustomer: 1,
  resourceIds: null,
  redeemed: 0,
  createdAt: '2026-11-22T18:00:00.000Z',
}

const value = z
  .int()
  .min(1)
  .meta({ description: 'Basis points of `percent` (2000 is 20 %), minor units of `fixed`', example: 2000 })
const maxRedemptions = z.int().min(0).max(MAX_INTEGER).nullable().meta({ description: 'In total; null: no limit' })
const maxPerCustomer = z.int().min(1).max(MAX_INTEGER).nullable().meta({ description: 'null: no limit' })
const resourceIds = z
  .array(idInput)
  .min(1)
  .max(1_000)
  .nullable()
  .meta({ description: 'Showtimes and events it is limited to; null: all of the organizer' })

export const createPromoCode = operation({
  id: 'createPromoCode',
  method: 'post',
  path: '/v1/promo-codes',
  tag,
  summary: 'Make a promo code',
  access: 'organizer',
  scope: 'catalogue:write',
  limit: 'write',
  keyed: true,
  body: z.strictObject({
    organizerId: organizerIdInput,
    code: z
      .string()
      .max(60)
      .meta({ description: '1 to 40 letters, digits, hyphens and underscores, in any case', example: 'EARLY20' }),
    kind: z.enum(['percent', 'fixed']),
    value,
    currency: currency.optional().meta({ description: 'Of `fixed`, and only there' }),
    active: z.boolean().default(true),
    startsAt: instantInput.nullable().default(null),
    endsAt: instantInput.nullable().default(null),
    maxRedemptions: maxRedemptions.default(null),
    maxPerCustomer: maxPerCustomer.default(null),
    resourceIds: resourceIds.default(null),
  }),
  bodyExample: { code: 'EARLY20', kind: 'percent', value: 2000, endsAt: '2026-12-01T00:00:00Z', maxRedemptions: 500 },
  answers: { 201: { description: 'The promo code', schema: promoCode, example } },
  problems: ['not_found', 'already_exists'],
})

export const listPromoCodes = operation({
  id: 'listPromoCodes',
  method: 'get',
  path: '/v1/promo-codes',
  tag,
  summary: 'List promo codes',
  description: 'The newest first.',
  access: 'organizer',
  scope: 'catalogue:read',
  limit: 'read',
  query: z.strictObject({ ...page, organizerId: organizerIdQuery }),
  answers: {
    200: { description: 'A page', schema: pageOf(promoCode), example: { items: [example], nextCursor: null } },
  },
  problems: ['not_found'],
})

export const getPromoCode = operation({
  id: 'getPromoCode',
  method: 'get',
  path: '/v1/promo-codes/{id}',
  tag,
  summary: 'Look up a promo code',
  access: 'organizerOwn',
  scope: 'catalogue:read',
  limit: 'read',
  noun,
  params: byId,
  answers: { 200: { description: 'The promo code', schema: promoCode, example } },
  problems: [],
})

export const updatePromoCode = operation({
  id: 'updatePromoCode',
  method: 'patch',
  path: '/v1/promo-codes/{id}',
  tag,
  summary: 'Change a promo code',
  description:
    'Counts for what is decided from then on. `maxRedemptions` below what was redeemed is refused, with `redeemed`. A limit per customer counts what each has redeemed already.',
  access: 'organizerOwn',
  scope: 'catalogue:write',
  limit: 'write',
  noun,
  params: byId,
  body: z.strictObject({
    active: z.boolean().optional(),
    value: value.optional(),
    startsAt: instantInput.nullable().optional(),
    endsAt: instantInput.nullable().optional(),
    maxRedemptions: maxRedemptions.optional(),
    maxPerCustomer: maxPerCustomer.optional(),
    resourceIds: resourceIds.optional(),
  }),
  bodyExample: { active: false },
  answers: { 200: { description: 'The promo code', schema: promoCode, example: { ...example, active: false } } },
  problems: ['in_use'],
})
