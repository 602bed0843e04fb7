import { expect, test } from 'vitest'
import { bodyHashOf } from '@boxoffice/core/booking-requests/intake/body-hash.ts'

// Running systems store these digests beside their idempotency keys. A digest that changes refuses a repetition that
// was sent before an upgrade, so these never change.

const RESOURCE = '01890000-0000-7000-8000-000000000001'
const STALLS = '01890000-0000-7000-8000-0000000000a1'
const BALCONY = '01890000-0000-7000-8000-0000000000a2'
const ada = { name: 'Ada', email: 'ada@example.org' }

const DIGESTS: readonly (readonly [string, Parameters<typeof bodyHashOf>[0], string])[] = [
  [
    'seats alone',
    { resourceId: RESOURCE, kind: 'showtime', payload: { seats: ['A1', 'A2'], customer: ada } },
    'c8ec1d72326875992006b1e9e777f2d2e1c84ea4b7e2c2ac8ccd6a914ccf0c70',
  ],
  [
    'seats with every optional field',
    {
      resourceId: RESOURCE,
      kind: 'showtime',
      payload: {
        seats: ['A1', 'A2'],
        promoCode: 'SPRING',
        expectedTotal: 2400,
        customer: { ...ada, phone: '+351 210 000 000' },
      },
    },
    'cdc7f08c9465fbddab87ab8b76edaec7eb622ce91c4600a9ed38a56942bf5c9b',
  ],
  [
    'tickets of two types',
    {
      resourceId: RESOURCE,
      kind: 'event',
      payload: {
        tickets: [
          { ticketTypeId: STALLS, quantity: 2 },
          { ticketTypeId: BALCONY, quantity: 1 },
        ],
        customer: ada,
      },
    },
    'cce9f2e112c1cfa354235875e6f15fe7cfe0f67a4f5fdb7a1cceb631eb800223',
  ],
  [
    'tickets with an expected total of nothing and a name to escape',
    {
      resourceId: RESOURCE,
      kind: 'event',
      payload: {
        tickets: [{ ticketTypeId: STALLS, quantity: 2 }],
        expectedTotal: 0,
        customer: { name: 'Zoë "Z" Ünal', email: 'zoe@example.org', phone: '1' },
      },
    },
    '3dbe52fae9882f2c8d5d4a28c6fd78a142e39a7c8e2e7297244b1015cb41cb35',
  ],
]

test.each(DIGESTS)('the digest of %s stays what running systems have stored', (_name, body, digest) => {
  expect(bodyHashOf(body)).toBe(digest)
})

test('the order of keys in the JSON does not change the digest', () => {
  const asked = { resourceId: RESOURCE, kind: 'showtime' } as const
  const one = { seats: ['A1'], promoCode: 'SPRING', customer: { name: 'Ada', email: 'ada@example.org' } }
  const other = { customer: { email: 'ada@example.org', name: 'Ada' }, promoCode: 'SPRING', seats: ['A1'] }
  expect(bodyHashOf({ ...asked, payload: other })).toBe(bodyHashOf({ ...asked, payload: one }))
})
