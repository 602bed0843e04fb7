import { CachedReads } from '../runtime/byte-cache.ts'
import { QR_CODES_BYTES } from '../settings/cache-budgets.ts'
import { ticketQrPng, ticketQrSvg } from './ticket-qr.ts'

/** The QR codes of tickets as images. One takes some milliseconds to draw, so those that were shown last are kept. */
export class TicketCodes {
  readonly #images = new CachedReads<Buffer>(QR_CODES_BYTES, (image) => image.length + ENTRY_BYTES)

  svg(token: string): Promise<Buffer> {
    return this.#images.get(`svg ${token}`, async () => Buffer.from(await ticketQrSvg(token)))
  }

  png(token: string): Promise<Buffer> {
    return this.#images.get(`png ${token}`, () => ticketQrPng(token))
  }
}

/** The token, which is the key, and the buffer's own object. */
const ENTRY_BYTES = 1_024
