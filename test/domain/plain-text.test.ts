import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cleanCode, cleanText, holdsHidden, isName } from '@boxoffice/core/domain/plain-text.ts'

describe('a name', () => {
  test.each([
    ['letters beyond ASCII', 'Åsa Ωmega 東京'],
    ['an emoji', 'Rock 🎸 Night'],
    ['an emoji with a skin tone', 'Hi 👋🏽'],
    ['an emoji of several', 'Family 👨‍👩‍👧‍👦 Day, ❤️‍🔥 and 🏳️‍🌈'],
    ['the flag of a region', '🏴󠁧󠁢󠁳󠁣󠁴󠁿 Night'],
    ['Persian with a non-joiner', 'می‌خواهم'],
    ['Sinhala with a joiner', 'ශ්‍රී ලංකා'],
    ['Hindi with a joiner', 'क्‍ष'],
    ['Malayalam that ends with a joiner', 'അവന്‍'],
    ['Arabic and Hebrew', 'مرحبا שלום'],
    ['an Arabic sign of a year', '\u0601٢٠٢٦'],
    ['a Japanese name with a variant of a letter', '葛\u{E0100}城'],
  ])('takes %s', (_what, name) => {
    expect([holdsHidden(name), isName(name)]).toEqual([false, true])
  })

  test.each<readonly [string, string]>([
    ['a tab', 'A\tB'],
    ['U+0000', 'A\0B'],
    ['half of a character', 'A\ud800B'],
    ...['202A', '202B', '202C', '202D', '202E', '2066', '2067', '2068', '2069', '200E', '200F', '061C'].map(
      (code) => [`U+${code}, which turns text around`, `A${String.fromCodePoint(parseInt(code, 16))}B`] as const,
    ),
    ...['200B', '2060', 'FEFF', '00AD', '180E', '3164', '115F', 'FFA0', '2028', '2029', 'FFF9', 'E0041'].map(
      (code) => [`U+${code}, which nobody sees`, `A${String.fromCodePoint(parseInt(code, 16))}B`] as const,
    ),
    ['a joiner between Latin letters', 'Pay\u200DPal'],
    ['a non-joiner between Latin letters', 'Pay\u200CPal'],
    ['a joiner at the start', '\u200Dfilm'],
    ['two non-joiners', 'می\u200C\u200Cخواهم'],
    ['a joiner after an emoji that joins nothing', '👨\u200D'],
    ['a tag without a flag', 'A\u{E0067}\u{E007F}'],
  ])('refuses %s', (_what, name) => {
    expect([holdsHidden(name), isName(name)]).toEqual([true, false])
  })

  test('is neither blank nor long', () => {
    expect([isName(' '), isName(''), isName('x'.repeat(200)), isName('x'.repeat(201))]).toEqual([
      false,
      false,
      true,
      false,
    ])
  })
})

describe('what a buyer types', () => {
  test.each<readonly [string, string, string]>([
    ['blanks around it', '  Ada Lovelace ', 'Ada Lovelace'],
    ['blanks of other kinds around it', '\u00A0\u3000Ada\u202F\u2003', 'Ada'],
    ['an end of line behind it', 'Ada\r\n', 'Ada'],
    ['marks around it that keep its direction', '\u202AAda\u202C', 'Ada'],
    ['a mark in it', 'Ada\u200E Lovelace', 'Ada Lovelace'],
    ['a byte order mark', '\uFEFFAda\uFEFF Lovelace', 'Ada Lovelace'],
    ['a soft hyphen', 'M\u00FCl\u00ADler', 'M\u00FCller'],
    ['a zero-width blank', 'Ada\u200B', 'Ada'],
    ['a tab between words', 'Ada\tLovelace', 'Ada Lovelace'],
    ['ends of lines between words', 'Ada\r\n\u2028Lovelace', 'Ada Lovelace'],
    ['several blanks between words', 'Ada \u00A0 Lovelace', 'Ada Lovelace'],
    ['a mark between blanks', 'Ada \u200B \u200D Lovelace', 'Ada Lovelace'],
    ['a control character', 'A\u0007d\0a', 'Ada'],
    ['half of a character', 'Ada\uD83C', 'Ada'],
    ['a Hangul filler', 'Ada\u3164Lovelace', 'Ada Lovelace'],
    ['a joiner that joins nothing', 'Pay\u200DPal', 'PayPal'],
    ['an accent of its own', 'Zoe\u0308', 'Zo\u00EB'],
    ['an accent behind a mark', 'Zoe\u200B\u0308', 'Zo\u00EB'],
    ['an accent behind a joiner', 'Zoe\u200D\u0308', 'Zo\u00EB'],
    ['two non-joiners in Persian', 'می\u200C\u200Cخواهم', 'می\u200Cخواهم'],
    ['a mark beside a joiner in Sinhala', 'ශ්\u200B\u200Dරී', 'ශ්\u200Dරී'],
    ['nothing that can be seen', ' \u200B\t\u202E\u3164', ''],
  ])('loses %s', (_what, typed, kept) => {
    expect(cleanText(typed)).toBe(kept)
    expect(cleanText(kept)).toBe(kept)
  })

  test.each([
    'Ada',
    "O'Brien & Söhne",
    'می‌خواهم',
    'ශ්‍රී ලංකා',
    'അവന്‍',
    'Family 👨‍👩‍👧‍👦 ❤️‍🔥 🏳️‍🌈',
    '🏴󠁧󠁢󠁳󠁣󠁴󠁿',
    '\u0601٢٠٢٦',
    'ＦＵＬＬ ｗｉｄｔｈ ①',
    '王小明',
    '葛\u{E0100}城',
  ])('stays as it is: %s', (typed) => {
    expect(cleanText(typed)).toBe(typed)
  })

  const unit = fc.oneof(
    fc.constantFrom(
      ...Array.from(' \t\n\u00A0\u3000\u200B\u200C\u200D\u200E\u202E\uFEFF\u00AD\u0300\u0316\u0308\u064E\u093C'),
      'a',
      'e',
      'م',
      'ب',
      'क',
      '👨',
      '👩',
      '\u{1F3F4}',
      '\u{E0067}',
      '\u{E007F}',
      '\uFE0F',
      '\u0601',
      '\uD800',
    ),
    fc.string({ unit: 'binary', maxLength: 1 }),
  )
  const typed = fc.array(unit, { maxLength: 12 }).map((parts) => parts.join(''))

  test('holds nothing hidden, is in NFC, and is cleaned once and for all', () => {
    fc.assert(
      fc.property(typed, (text) => {
        const kept = cleanText(text)
        expect([holdsHidden(kept), kept.normalize('NFC') === kept, kept.trim() === kept]).toEqual([false, true, true])
        expect(cleanText(kept)).toBe(kept)
        expect(kept).not.toMatch(/\s\s/)
      }),
      { numRuns: 2_000 },
    )
  })

  test('of the longest kind is cleaned in no time', () => {
    for (const part of [' ', '\u200D', 'a\u0308\u0316', 'م\u200C', 'a ', '\u{E0067}']) {
      const startedAt = performance.now()
      cleanText(part.repeat(20_000))
      expect([part, performance.now() - startedAt < 500]).toEqual([part, true])
    }
  })
})

describe('a code', () => {
  test.each<readonly [string, string, string]>([
    ['blanks', ' EARLY 20\u00A0', 'EARLY20'],
    ['marks', '\uFEFFEARLY\u200B20\r\n', 'EARLY20'],
    ['full-width letters and digits', 'ＥＡＲＬＹ－２０', 'EARLY-20'],
    ['the dash of a text program', 'EARLY\u201320', 'EARLY-20'],
  ])('is compared without %s', (_what, typed, kept) => {
    expect(cleanCode(typed)).toBe(kept)
  })
})
