import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader'

const file = readFileSync(createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm'))
// The module is given here, because otherwise it is fetched from a server.
const wasmBinary = new Uint8Array(file).buffer

/** Returns the contents of the QR codes in a PNG or JPEG, read by another library than the one that wrote them. */
export async function readQrCodes(image: Uint8Array): Promise<string[]> {
  await prepareZXingModule({ overrides: { wasmBinary }, fireImmediately: true })
  const found = await readBarcodes(image, { formats: ['QRCode'] })
  return found.map(({ text }) => text)
}
