import { expect, test } from 'vitest'
import { z } from 'zod'
import { bookingRequestBody } from '@boxoffice/contract/schemas/selection.ts'
import { Problem } from '@boxoffice/core/use-case/problem.ts'
import { storedInstantInput } from '@boxoffice/core/fields/values.ts'
import { validate } from '../../apps/api/src/bodies/validate.ts'

// Problems are explained in words that people understand who never heard of our libraries.

function errorsOf(schema: z.ZodType, input: unknown, place?: 'query'): Readonly<Record<string, string>> {
  try {
    validate(schema, input, place)
  } catch (error) {
    if (error instanceof Problem) {
      return Object.fromEntries(error.errors.map(({ pointer, detail }) => [pointer, detail]))
    }
    throw error
  }
  throw new Error('it was taken')
}

test.each<[string, z.ZodType, unknown, string]>([
  ['another type', z.string(), 1, 'Must be text.'],
  ['a fraction', z.int(), 1.5, 'Must be a whole number.'],
  ['no list', z.array(z.string()), {}, 'Must be a list.'],
  ['no object', z.strictObject({}), [], 'Must be an object.'],
  ['one of several', z.enum(['showtime', 'event']), 'concert', 'Must be showtime or event.'],
  ['too little text', z.string().min(1), '', 'Must have at least 1 character.'],
  ['too much text', z.string().max(3), 'four', 'Must have at most 3 characters.'],
  ['too few items', z.array(z.string()).min(1), [], 'Must have at least 1 item.'],
  ['too small a number', z.int().min(1), 0, 'Must be at least 1.'],
  ['too large a number', z.int().max(1_000), 1_001, 'Must be at most 1000.'],
  ['no address', z.email(), 'ada', 'Must be an e-mail address.'],
  ['what the schema itself says', z.string({ error: 'Must be a name' }), 1, 'Must be a name.'],
])('%s', (_what, schema, input, detail) => {
  expect(errorsOf(schema, input)).toEqual({ '': detail })
})

test('a field that is missing is required, and an unknown one unknown', () => {
  const schema = z.strictObject({ name: z.string() })
  expect(errorsOf(schema, { nmae: 'Ada' })).toEqual({ '/name': 'Required.', '/nmae': 'Unknown field.' })
})

test('a time or a choice that is missing is required too, whatever is said of a wrong one', () => {
  const schema = z.strictObject({ at: storedInstantInput, kind: z.enum(['percent', 'fixed']) })
  expect(errorsOf(schema, {})).toEqual({ '/at': 'Required.', '/kind': 'Required.' })
  expect(errorsOf(schema, { at: 'soon', kind: 'free' })).toEqual({
    '/at': 'Must be a time such as 2026-11-22T18:00:00Z.',
    '/kind': 'Must be percent or fixed.',
  })
})

test('a time that PostgreSQL does not know as drivers write it is refused', () => {
  const taken = (at: string) => storedInstantInput.safeParse(at).success
  expect(taken('0001-01-01T00:00:00Z')).toBe(true)
  expect(taken('0000-12-31T23:59:59Z')).toBe(false)
  expect(taken('9999-12-31T23:59:59Z')).toBe(true)
  expect(taken('9999-12-31T23:59:59-01:00')).toBe(false)
})

test('a query has parameters, a body fields', () => {
  const schema = z.strictObject({ limit: z.string().optional() })
  expect(errorsOf(schema, { page: '2' }, 'query')).toEqual({ '/page': 'Unknown query parameter.' })
  expect(() => validate(schema, { page: '2' }, 'query')).toThrow('Some query parameters are invalid.')
  expect(() => validate(schema, { page: '2' })).toThrow('Some fields are invalid.')
})

test('a query parameter that stands there twice may stand there once', () => {
  const schema = z.strictObject({ limit: z.string().optional(), status: z.enum(['active']).optional() })
  const once = 'May stand only once.'
  expect(errorsOf(schema, { limit: ['1', '2'], status: ['active', 'active'] }, 'query')).toEqual({
    '/limit': once,
    '/status': once,
  })
  expect(errorsOf(schema, { limit: ['1', '2'] })).toEqual({ '/limit': 'Must be text.' })
})

test('__proto__ is an unknown query parameter like any other', () => {
  const schema = z.strictObject({ limit: z.string().optional() })
  const query: unknown = JSON.parse('{"__proto__": "1", "limit": "1"}')
  expect(errorsOf(schema, query, 'query')).toEqual({ '/__proto__': 'Unknown query parameter.' })
})

test('the more informative of two sentences about one thing is shown', () => {
  expect(errorsOf(z.int().max(5), 1e20)).toEqual({ '': 'Must be at most 5.' })
  expect(errorsOf(z.string().max(1).regex(/^a$/, { error: 'Must be a' }), 'bb')).toEqual({
    '': 'Must have at most 1 character.',
  })
  expect(errorsOf(z.strictObject({ a: z.int().min(1) }), { a: 0.5 })).toEqual({ '/a': 'Must be a whole number.' })
})

test('a known field that is not accepted gets a sentence of its own', () => {
  const schema = z.strictObject({ prices: z.array(z.strictObject({ price: z.int() })) })
  const untaken = new Map([
    ['/prices/*/name', 'Is called category'],
    ['/currency', 'Cannot be changed'],
  ])
  const body = {
    prices: [
      { price: 1, name: 'A' },
      { price: 1, nmae: 'A' },
    ],
    currency: 'EUR',
  }
  expect(() => validate(schema, body, 'body', untaken)).toThrow(
    expect.objectContaining({
      errors: [
        { pointer: '/prices/0/name', detail: 'Is called category.' },
        { pointer: '/prices/1/nmae', detail: 'Unknown field.' },
        { pointer: '/currency', detail: 'Cannot be changed.' },
      ],
    }),
  )
})

test('the sentences about a whole body have no words of a library', () => {
  const body = {
    resource: { type: 1, id: 2 },
    seats: [],
    tickets: [{ ticketTypeId: null, quantity: 0.5 }],
    promoCode: 1,
    expectedTotal: '1',
    customer: { name: null, email: 'x', phone: [] },
  }
  const details = Object.values(errorsOf(bookingRequestBody, body))
  expect(details.length).toBeGreaterThan(8)
  for (const detail of details) expect(detail).not.toMatch(/invalid|expected|received|input|too (?:small|big)|regex/i)
})
