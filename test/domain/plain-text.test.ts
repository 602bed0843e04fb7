import { describe, expect, test } from 'vitest'
import { holdsHidden, isName } from '@boxoffice/core/domain/plain-text.ts'

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
