import type { Canvas } from '@napi-rs/canvas'
import { getDocument } from 'pdfjs-dist/legacy/build/pdf.mjs'
import { readQrCodes } from './qr-reader.ts'

export interface ReadPage {
  /** All text on it, with single spaces. */
  readonly text: string
  /** The contents of its QR codes, read at 150 dots an inch. */
  readonly codes: readonly string[]
  /** Each piece of text with its box in points, from the page's bottom left. */
  readonly pieces: readonly Piece[]
}

interface Piece {
  readonly text: string
  readonly left: number
  readonly right: number
  readonly bottom: number
  readonly top: number
}

export interface ReadPdf {
  readonly info: Readonly<Record<string, unknown>>
  readonly pages: readonly ReadPage[]
}

const SCALE = 150 / 72

/** Reads a PDF as a person with a phone would: its text, and the contents of its codes. */
export async function readPdf(file: Uint8Array): Promise<ReadPdf> {
  const task = getDocument({ data: new Uint8Array(file), verbosity: 0 })
  const document = await task.promise
  try {
    const { info } = await document.getMetadata()
    // pdfjs draws on canvases of the package that itself depends on, and on no other version of it.
    const canvases = document.canvasFactory as { create(width: number, height: number): { canvas: Canvas } }
    const pages: ReadPage[] = []
    for (let number = 1; number <= document.numPages; number += 1) {
      const page = await document.getPage(number)
      const { items } = await page.getTextContent()
      const pieces = items.flatMap((item) => ('str' in item && item.str.trim() !== '' ? [pieceOf(item)] : []))
      const text = pieces.map((piece) => piece.text).join(' ')

      const viewport = page.getViewport({ scale: SCALE })
      const { canvas } = canvases.create(Math.ceil(viewport.width), Math.ceil(viewport.height))
      // Its types want a browser's canvas, which this one stands in for.
      await page.render({ canvas: canvas as never, viewport }).promise
      const codes = await readQrCodes(canvas.toBuffer('image/png'))
      pages.push({ text: text.replaceAll(/\s+/g, ' '), codes, pieces })
    }
    return { info: Object.fromEntries(Object.entries(info)), pages }
  } finally {
    await task.destroy()
  }
}

function pieceOf(item: { str: string; transform: number[]; width: number; height: number }): Piece {
  const [, , , , left = 0, bottom = 0] = item.transform
  return { text: item.str, left, right: left + item.width, bottom, top: bottom + item.height }
}
