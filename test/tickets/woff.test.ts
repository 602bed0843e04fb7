import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { describe, expect, test } from 'vitest'
import { unpackWoff } from '@boxoffice/core/tickets/woff.ts'

const FILE = createRequire(import.meta.resolve('@boxoffice/core/tickets/woff.ts')).resolve(
  'roboto-fontface/fonts/roboto/Roboto-Regular.woff',
)

/** Returns the sum of a table's 32-bit words, as the OpenType specification defines its checksum. */
function checksumOf(font: Buffer, offset: number, length: number): number {
  const padded = Buffer.concat([font.subarray(offset, offset + length), Buffer.alloc(-length & 3)])
  let sum = 0
  for (let at = 0; at < padded.length; at += 4) sum = (sum + padded.readUInt32BE(at)) >>> 0
  return sum
}

describe('an unpacked WOFF font', () => {
  const woff = readFileSync(FILE)
  const font = unpackWoff(woff)

  test('has as many bytes as the file says', () => {
    expect(font.length).toBe(woff.readUInt32BE(16))
  })

  test('has every table where its directory says, unharmed', () => {
    const tables = font.readUInt16BE(4)
    expect(tables).toBeGreaterThan(10)
    for (let entry = 12; entry < 12 + tables * 16; entry += 16) {
      const tag = font.toString('latin1', entry, entry + 4)
      const [checksum, offset, length] = [4, 8, 12].map((at) => font.readUInt32BE(entry + at))
      // The one of `head` covers the whole font and is left to whoever loads it.
      if (tag === 'head') continue
      expect({ tag, checksum: checksumOf(font, offset ?? 0, length ?? 0) }).toEqual({ tag, checksum })
    }
  })

  test('is not made of anything else', () => {
    expect(() => unpackWoff(font)).toThrow('not a WOFF font')
    expect(() => unpackWoff(woff.subarray(0, woff.length / 2))).toThrow(/length|end of|range/)
  })
})
