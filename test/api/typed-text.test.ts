import { describe, expect, test } from 'vitest'
import * as bookingRecoveries from '@boxoffice/contract/operations/booking-recoveries.ts'
import * as bookingRequests from '@boxoffice/contract/operations/booking-requests.ts'
import * as bookings from '@boxoffice/contract/operations/bookings.ts'
import * as checkIns from '@boxoffice/contract/operations/check-ins.ts'
import * as quotes from '@boxoffice/contract/operations/quotes.ts'
import type { Operation } from '@boxoffice/contract/operation.ts'
import { Problem } from '@boxoffice/core/use-case/problem.ts'
import { validate } from '../../apps/api/src/bodies/validate.ts'

// What buyers type is taken as their devices send it, in every field that they type into.

const ID = '01890000-0000-7000-8000-000000000001'

/** A field that a buyer types into, or that is scanned from a ticket. */
interface TypedField {
  readonly operation: Operation
  readonly pointer: string
  readonly body: (text: string) => object
  /** A value that is kept as it is. */
  readonly clean: string
  /** The most characters; `null` if the form bounds it. */
  readonly most: number | null
  readonly whenBlank: string
}

const BLANK = 'Must not be blank.'
const customer = { name: 'Ada', email: 'ada@example.org' }
const order = { resource: { type: 'showtime', id: ID }, seats: ['A1'], customer }
const scan = { nonce: 'n', gate: 'North' }
const scannedAt = '2026-01-01T00:00:00Z'

/** Returns the fields that booking requests and quotes share. */
const ofSelection = (operation: Operation): readonly TypedField[] => {
  const field = (
    pointer: string,
    clean: string,
    most: number | null,
    body: (text: string) => object,
    whenBlank = BLANK,
  ) => ({ operation, pointer, clean, most, whenBlank, body: (text: string) => ({ ...order, ...body(text) }) })
  return [
    field('/customer/name', 'Ada Lovelace', 200, (name) => ({ customer: { ...customer, name } })),
    field('/customer/phone', '+49 170 1234567', 40, (phone) => ({ customer: { ...customer, phone } })),
    field(
      '/customer/email',
      'ada@example.com',
      null,
      (email) => ({ customer: { ...customer, email } }),
      'Must be an e-mail address.',
    ),
    field('/promoCode', 'EARLY20', 40, (promoCode) => ({ promoCode })),
    field('/seats/0', 'A15', 64, (seat) => ({ seats: [seat] })),
  ]
}

const FIELDS: readonly TypedField[] = [
  ...ofSelection(bookingRequests.create),
  ...ofSelection(quotes.create),
  {
    operation: checkIns.create,
    pointer: '/token',
    body: (token) => ({ ...scan, token }),
    clean: 'eyJhbGciOi.eyJ0Ijoi.c2ln_-A',
    most: 1_000,
    whenBlank: BLANK,
  },
  {
    operation: checkIns.createBatch,
    pointer: '/scans/0/token',
    body: (token) => ({ scans: [{ ...scan, token, scannedAt }] }),
    clean: 'eyJhbGciOi.eyJ0Ijoi.c2ln_-A',
    most: 1_000,
    whenBlank: BLANK,
  },
  {
    operation: bookingRecoveries.request,
    pointer: '/reference',
    body: (reference) => ({ reference, email: 'ada@example.org' }),
    clean: 'K7QXM2PA',
    most: null,
    whenBlank: 'Must be a reference such as K7QXM2PA.',
  },
  {
    operation: bookingRecoveries.request,
    pointer: '/email',
    body: (email) => ({ reference: 'K7QXM2PA', email }),
    clean: 'ada@example.com',
    most: null,
    whenBlank: 'Must be an e-mail address.',
  },
  {
    operation: bookingRecoveries.redeem,
    pointer: '/token',
    body: (token) => ({ token }),
    clean: 'eyJhbGciOi.eyJ0Ijoi.c2ln_-A',
    most: 1_000,
    whenBlank: BLANK,
  },
  {
    operation: bookings.cancel,
    pointer: '/reason',
    body: (reason) => ({ reason }),
    clean: 'I fell ill',
    most: 500,
    whenBlank: BLANK,
  },
]

/** Returns what the API makes of the text in a field. Throws what a client is told. */
function taken({ operation, pointer, body }: TypedField, text: string): unknown {
  if (operation.body === undefined) throw new Error(`${operation.id} has no body`)
  let value: unknown = validate(operation.body, body(text))
  for (const name of pointer.slice(1).split('/')) value = Reflect.get(Object(value), name)
  return value
}

/** Returns what a client is told about the text in a field. */
function refused(field: TypedField, text: string): string {
  try {
    return `taken as ${JSON.stringify(taken(field, text))}`
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    return (error.errors ?? []).map(({ pointer, detail }) => `${pointer}: ${detail}`).join(' ')
  }
}

const around = (before: string, behind: string) => (text: string) => `${before}${text}${behind}`
const inside = (mark: string) => (text: string) => `${text[0]}${mark}${text.slice(1)}`

/** Ways in which devices, autofill, contacts, keyboards and scanners send the same text. */
const AS_SENT: readonly (readonly [string, (text: string) => string])[] = [
  ['as it is', (text) => text],
  ['a blank behind it', around('', ' ')],
  ['blanks around it', around('  ', '  ')],
  ['no-break blanks around it', around('\u00A0', '\u202F')],
  ['an ideographic blank behind it', around('', '\u3000')],
  ['an end of line behind it', around('', '\r\n')],
  ['a tab behind it', around('', '\t')],
  ['a tab before it', around('\t', '')],
  ['a line separator behind it', around('', '\u2028')],
  ['a byte order mark before it', around('\uFEFF', '')],
  ['a byte order mark in it', inside('\uFEFF')],
  ['the marks of contacts around it', around('\u202A', '\u202C')],
  ['marks that turn it around', around('\u202E', '\u202C')],
  ['isolates around it', around('\u2066', '\u2069')],
  ['a mark of direction in it', inside('\u200E')],
  ['the other mark of direction behind it', around('', '\u200F')],
  ['an Arabic mark of direction in it', inside('\u061C')],
  ['a zero-width blank behind it', around('', '\u200B')],
  ['a zero-width blank in it', inside('\u200B')],
  ['a soft hyphen in it', inside('\u00AD')],
  ['a word joiner in it', inside('\u2060')],
  ['a joiner in it that joins nothing', inside('\u200D')],
  ['a control character in it', inside('\u0007')],
  ['many marks around it', around('\u200B'.repeat(8), '\u200B'.repeat(8))],
]

describe.each(FIELDS.map((field) => [`${field.operation.id} ${field.pointer}`, field] as const))(
  '%s',
  (_name, field) => {
    test.each(AS_SENT)('is taken with %s', (_what, send) => {
      expect(taken(field, send(field.clean))).toBe(field.clean)
    })

    test('is blank if it has nothing but blanks and marks', () => {
      for (const text of ['', ' ', '\u200B', '\u202A \t\u202C', '\r\n']) {
        expect(refused(field, text)).toBe(`${field.pointer}: ${field.whenBlank}`)
      }
    })

    const { most } = field
    if (most === null) return
    test('has as many characters as it may, whatever a device adds', () => {
      const longest = 'A'.repeat(most)
      expect(taken(field, `\u202A ${longest}\u202C\r\n`)).toBe(longest)
      const tooLong = `${field.pointer}: Must have at most ${most} characters.`
      expect(refused(field, `${longest}A`)).toBe(tooLong)
      expect(refused(field, `${'\u200B'.repeat(4 * most)}A`)).toBe(tooLong)
    })
  },
)

describe('a name', () => {
  const [name] = FIELDS

  test.each([
    ['what its script or an emoji needs', 'می‌خواهم 👨‍👩‍👧', 'می‌خواهم 👨‍👩‍👧'],
    ['letters of any width', 'Ａｄａ ①', 'Ａｄａ ①'],
    ['words on two lines, on one', 'Ada\r\nLovelace', 'Ada Lovelace'],
    ['accents in one form', 'Zoe\u0308', 'Zo\u00EB'],
    ['no header of a mail', 'Ada\r\nBcc: all@example.com', 'Ada Bcc: all@example.com'],
  ])('has %s', (_what, typed, kept) => {
    expect(name && taken(name, typed)).toBe(kept)
  })
})

describe('a telephone number and a code', () => {
  const field = (pointer: string) => FIELDS.find((one) => one.pointer === pointer) ?? expect.unreachable()

  test.each([
    ['/customer/phone', '＋８１ ９０−１２３４', '+81 90−1234'],
    ['/promoCode', 'ｅａｒｌｙ２０', 'early20'],
    ['/promoCode', 'EARLY 20', 'EARLY20'],
    ['/promoCode', 'EARLY–20', 'EARLY-20'],
    ['/reference', 'k7qx m2pa', 'K7QXM2PA'],
    ['/reference', 'Ｋ７ＱＸＭ２ＰＡ', 'K7QXM2PA'],
    ['/customer/email', 'ａｄａ＠ｅｘａｍｐｌｅ．ｏｒｇ', 'ada@example.org'],
    ['/customer/email', 'ada@ex\u00E4mple\u200B.org', 'ada@xn--exmple-cua.org'],
    ['/customer/email', 'ada@exa\u0308mple.org', 'ada@xn--exmple-cua.org'],
  ])('%s is taken in other letters: %s', (pointer, typed, kept) => {
    expect(taken(field(pointer), typed)).toBe(kept)
  })

  test.each([
    'ada@example.com\r\nBcc: b@example.com',
    'ada @example.com',
    'ada@example.com, b@example.com',
    'adª@example.com',
  ])('an address is not guessed at: %j', (typed) => {
    expect(refused(field('/customer/email'), typed)).toMatch(/^\/customer\/email: Must /)
  })
})
