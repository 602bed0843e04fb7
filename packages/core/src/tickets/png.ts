import { promisify } from 'node:util'
import { crc32, deflate } from 'node:zlib'

const compress = promisify(deflate)

const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex')
/** One bit a pixel, grey: 1 is white. */
const GREY_1_BIT = [1, 0, 0, 0, 0]
const NO_FILTER = 0

/**
 * Returns a square image in black and white as a PNG (ISO/IEC 15948), each of its modules `scale` pixels wide. Rows of
 * one module are all the same, so it takes a millisecond.
 *
 * @param isDark for a row and a column from 0 to below `modules`
 */
export async function blackAndWhitePng(
  modules: number,
  scale: number,
  isDark: (row: number, column: number) => boolean,
): Promise<Buffer> {
  const width = modules * scale
  const stride = 1 + Math.ceil(width / 8)
  const pixels = Buffer.alloc(stride * width)
  for (let row = 0; row < modules; row += 1) {
    const line = Buffer.alloc(stride)
    line[0] = NO_FILTER
    for (let column = 0; column < modules; column += 1) {
      if (isDark(row, column)) continue
      for (let x = column * scale; x < (column + 1) * scale; x += 1) {
        const at = 1 + (x >> 3)
        line[at] = (line[at] ?? 0) | (0x80 >> (x & 7))
      }
    }
    for (let copy = 0; copy < scale; copy += 1) line.copy(pixels, (row * scale + copy) * stride)
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(width, 4)
  header.set(GREY_1_BIT, 8)
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('IDAT', await compress(pixels)),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

function chunk(type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  const check = Buffer.alloc(4)
  check.writeUInt32BE(crc32(named))
  return Buffer.concat([length, named, check])
}
