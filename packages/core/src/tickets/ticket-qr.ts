import { create, type QRCode, toString } from 'qrcode'
import { blackAndWhitePng } from './png.ts'

/** Error correction M: 15 % of a code may be unreadable, by a fold or a scratch. */
const ERROR_CORRECTION = 'M'

/** White around a code, in modules, as ISO/IEC 18004 wants it: without it scanners do not find the code. */
const QUIET_ZONE = 4

/** Approximate width of a PNG, in pixels. */
const PNG_WIDTH = 600

/** A QR code's modules, without the quiet zone. */
export interface QrMatrix {
  /** Modules a side. */
  readonly size: number
  isDark(row: number, column: number): boolean
}

/** Returns the QR code of a ticket's token, to be drawn. */
export function ticketQrMatrix(token: string): QrMatrix {
  const { modules } = codeOf(token)
  return { size: modules.size, isDark: (row, column) => modules.get(row, column) !== 0 }
}

/** Returns the QR code of a ticket's token as an SVG document. It has no size of its own and fills its container. */
export async function ticketQrSvg(token: string): Promise<string> {
  return await toString(token, { type: 'svg', errorCorrectionLevel: ERROR_CORRECTION, margin: QUIET_ZONE })
}

/** Returns the QR code of a ticket's token as a PNG of about 600 by 600 pixels. */
export function ticketQrPng(token: string): Promise<Buffer> {
  const { size, isDark } = ticketQrMatrix(token)
  const modules = size + 2 * QUIET_ZONE
  // A whole number of pixels a module: with a width instead, modules would come out uneven.
  const scale = Math.max(1, Math.round(PNG_WIDTH / modules))
  return blackAndWhitePng(modules, scale, (row, column) => {
    const [y, x] = [row - QUIET_ZONE, column - QUIET_ZONE]
    return y >= 0 && x >= 0 && y < size && x < size && isDark(y, x)
  })
}

function codeOf(token: string): QRCode {
  return create(token, { errorCorrectionLevel: ERROR_CORRECTION })
}
