import { createCanvas, loadImage } from '@napi-rs/canvas'
import { describe, expect, test } from 'vitest'
import { ticketQrMatrix, ticketQrPng, ticketQrSvg } from '@boxoffice/core/tickets/ticket-qr.ts'
import { verifyTicketToken } from '@boxoffice/core/tickets/ticket-token.ts'
import { seatToken, ticketKeys, typeToken } from './keys.ts'
import { readQrCodes } from './qr-reader.ts'

const KEYS = ticketKeys()
const TOKENS = [seatToken(KEYS, 'A5'), seatToken(KEYS, 'Ä1'), seatToken(KEYS, 'W'.repeat(40)), typeToken(KEYS)]

describe('the QR code of a ticket', () => {
  test('as a PNG of about 600 pixels is read back as the token, which verifies', async () => {
    for (const token of TOKENS) {
      const png = await ticketQrPng(token)
      const { width, height } = await loadImage(png)
      expect(height).toBe(width)
      expect(Math.abs(width - 600)).toBeLessThanOrEqual(50)
      const [text = ''] = await readQrCodes(png)
      expect(text).toBe(token)
      expect(verifyTicketToken(KEYS, text)).not.toBeNull()
    }
  })

  test('as an SVG is read back as the token, at any size', async () => {
    for (const token of TOKENS) {
      const svg = await ticketQrSvg(token)
      for (const size of [250, 900]) {
        const [text = ''] = await readQrCodes(await rasterize(svg, size))
        expect(text).toBe(token)
        expect(verifyTicketToken(KEYS, text)).not.toBeNull()
      }
    }
  })

  test('has a quiet zone of four modules', async () => {
    const [token = ''] = TOKENS
    const { size } = ticketQrMatrix(token)
    expect(await ticketQrSvg(token)).toContain(`viewBox="0 0 ${size + 8} ${size + 8}"`)

    const png = await ticketQrPng(token)
    const image = await loadImage(png)
    const module = image.width / (size + 8)
    expect(module).toBe(Math.floor(module))
    const canvas = createCanvas(image.width, image.height)
    const context = canvas.getContext('2d')
    context.drawImage(image, 0, 0)
    const red = (x: number, y: number) => context.getImageData(x, y, 1, 1).data[0]
    expect(red(4 * module - 1, 4 * module - 1)).toBe(255)
    expect(red(4 * module, 4 * module)).toBe(0)
  })

  test('is the same each time', async () => {
    const [token = ''] = TOKENS
    expect(await ticketQrSvg(token)).toBe(await ticketQrSvg(token))
    expect(await ticketQrPng(token)).toEqual(await ticketQrPng(token))
  })
})

async function rasterize(svg: string, size: number): Promise<Buffer> {
  // The renderer makes up a size for an SVG that has none.
  const image = await loadImage(Buffer.from(svg.replace('<svg ', `<svg width="${size}" height="${size}" `)))
  const canvas = createCanvas(size, size)
  canvas.getContext('2d').drawImage(image, 0, 0)
  return canvas.toBuffer('image/png')
}
