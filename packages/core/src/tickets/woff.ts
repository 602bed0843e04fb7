import { inflateSync } from 'node:zlib'

const SIGNATURE = 0x774f_4646
const HEADER_BYTES = 44
const ENTRY_BYTES = 20
const SFNT_HEADER_BYTES = 12
const SFNT_ENTRY_BYTES = 16

/**
 * Unpacks a WOFF font (WOFF File Format 1.0, W3C) to the OpenType font in it. fontkit reads WOFF too, but inflates a
 * table whenever it looks at a glyph: setting a page of text from it took a second.
 *
 * @throws Error for anything but WOFF 1, and for a file that is cut short.
 */
export function unpackWoff(woff: Buffer): Buffer {
  if (woff.readUInt32BE(0) !== SIGNATURE) throw new Error('not a WOFF font')
  const tableCount = woff.readUInt16BE(12)
  const tables = Array.from({ length: tableCount }, (_, index) => tableAt(woff, HEADER_BYTES + index * ENTRY_BYTES))

  const header = Buffer.alloc(SFNT_HEADER_BYTES + tableCount * SFNT_ENTRY_BYTES)
  woff.copy(header, 0, 4, 8)
  header.writeUInt16BE(tableCount, 4)
  const largestPower = 2 ** Math.floor(Math.log2(tableCount))
  header.writeUInt16BE(largestPower * SFNT_ENTRY_BYTES, 6)
  header.writeUInt16BE(Math.log2(largestPower), 8)
  header.writeUInt16BE((tableCount - largestPower) * SFNT_ENTRY_BYTES, 10)

  const parts: Uint8Array[] = [header]
  let offset = header.length
  for (const [index, { tag, checksum, content }] of tables.entries()) {
    const entry = SFNT_HEADER_BYTES + index * SFNT_ENTRY_BYTES
    header.writeUInt32BE(tag, entry)
    header.writeUInt32BE(checksum, entry + 4)
    header.writeUInt32BE(offset, entry + 8)
    header.writeUInt32BE(content.length, entry + 12)
    const padding = Buffer.alloc(-content.length & 3)
    parts.push(content, padding)
    offset += content.length + padding.length
  }
  return Buffer.concat(parts)
}

function tableAt(woff: Buffer, entry: number) {
  const offset = woff.readUInt32BE(entry + 4)
  const packedLength = woff.readUInt32BE(entry + 8)
  const length = woff.readUInt32BE(entry + 12)
  const packed = woff.subarray(offset, offset + packedLength)
  // A table that deflating would not make smaller is stored as it is.
  const content = packedLength < length ? inflateSync(packed) : packed
  if (content.length !== length) throw new Error('a table of the WOFF font has another length than it says')
  return { tag: woff.readUInt32BE(entry), checksum: woff.readUInt32BE(entry + 16), content }
}
