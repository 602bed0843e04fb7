import {
  REFERENCE_ALPHABET,
  REFERENCE_LENGTH,
  drawReference,
  isReference,
} from '@boxoffice/core/domain/booking-reference.ts'
import { describe, expect, test } from 'vitest'

describe('a drawn reference', () => {
  test('has 8 of the 31 letters that nobody mixes up', () => {
    expect(new Set(REFERENCE_ALPHABET).size).toBe(31)
    const randomBytes = byteStream(1)
    for (let drawn = 0; drawn < 1_000; drawn += 1) {
      const reference = drawReference(randomBytes)
      expect(reference).toHaveLength(REFERENCE_LENGTH)
      expect(reference).toMatch(/^[ABCDEFGHJKMNPQRSTUVWXYZ23456789]{8}$/)
      expect(isReference(reference)).toBe(true)
    }
  })

  test('gives every letter to equally many byte values', () => {
    const counts = new Map<string, number>()
    for (let byte = 0; byte < 256; byte += 1) {
      // After a byte that is thrown away, the eight A that follow are the reference.
      const reference = drawReference(() => Uint8Array.from([byte, 0, 0, 0, 0, 0, 0, 0, 255]))
      const letter = byte < 248 ? reference.charAt(0) : 'rejected'
      counts.set(letter, (counts.get(letter) ?? 0) + 1)
    }
    expect(counts.size).toBe(32)
    expect([...counts.values()].every((count) => count === 8)).toBe(true)
  })

  test('is evenly distributed at each of its places', () => {
    const randomBytes = byteStream(42)
    const draws = 20_000
    const counts = Array.from({ length: REFERENCE_LENGTH }, () => new Map<string, number>())
    for (let drawn = 0; drawn < draws; drawn += 1) {
      const reference = drawReference(randomBytes)
      for (const [place, count] of counts.entries()) {
        const letter = reference.charAt(place)
        count.set(letter, (count.get(letter) ?? 0) + 1)
      }
    }
    const expected = draws / REFERENCE_ALPHABET.length
    for (const count of counts) {
      const chiSquare = Array.from(REFERENCE_ALPHABET).reduce(
        (sum, letter) => sum + ((count.get(letter) ?? 0) - expected) ** 2 / expected,
        0,
      )
      // 30 degrees of freedom: above 67.6 once in 10,000 times.
      expect(chiSquare).toBeLessThan(67.6)
    }
  })

  test('throws away bytes from 248 up, over as many draws as it takes', () => {
    const draws = [new Uint8Array(16).fill(255), new Uint8Array(16).fill(248), new Uint8Array(16).fill(247)]
    expect(drawReference(() => draws.shift() ?? new Uint8Array())).toBe('99999999')
    expect(draws).toHaveLength(0)
  })

  test('fails on a broken source instead of looping for ever', () => {
    expect(() => drawReference((count) => new Uint8Array(count).fill(255))).toThrow('random source')
    expect(() => drawReference(() => new Uint8Array())).toThrow('random source')
  })
})

test.each(['ABCDEFG', 'ABCDEFGHJ', 'ABCDEFG1', 'ABCDEFGI', 'ABCDEFGL', 'ABCDEFGO', 'abcdefgh', 'ABCDEFGH\n', ''])(
  '%j is not a reference',
  (text) => {
    expect(isReference(text)).toBe(false)
  },
)

/** Returns a source of the same bytes in every run (xorshift32). */
function byteStream(seed: number): (count: number) => Uint8Array {
  let state = seed
  return (count) =>
    Uint8Array.from({ length: count }, () => {
      state ^= state << 13
      state ^= state >>> 17
      state ^= state << 5
      return (state >>> 11) & 0xff
    })
}
