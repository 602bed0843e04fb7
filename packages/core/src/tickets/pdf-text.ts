import { readFile } from 'node:fs/promises'
import { create, type Font } from 'fontkit'
import type PDFDocument from 'pdfkit'
import { unpackWoff } from './woff.ts'

type Pdf = InstanceType<typeof PDFDocument>

/** A text's look; sizes and gaps are in points. */
export interface TextStyle {
  readonly font: FontName
  readonly size: number
  /** A text that needs more room shrinks down to this size, and is then cut off with an ellipsis. */
  readonly minSize: number
  /** Available height, in points; without it, the text stays on one line. */
  readonly height?: number
  readonly color?: string
  readonly align?: 'left' | 'center' | 'right'
  readonly characterSpacing?: number
}

/** Position of a text, in points from the page's top left. */
export interface TextBox {
  readonly x: number
  readonly y: number
  readonly width: number
}

/** Roboto has Latin, Greek and Cyrillic letters. */
const FONT_FILES = {
  regular: import.meta.resolve('roboto-fontface/fonts/roboto/Roboto-Regular.woff'),
  medium: import.meta.resolve('roboto-fontface/fonts/roboto/Roboto-Medium.woff'),
  bold: import.meta.resolve('roboto-fontface/fonts/roboto/Roboto-Bold.woff'),
} as const

export type FontName = keyof typeof FONT_FILES

const SIZE_STEP = 0.5

/** Stands for a character that the font does not have. A replacement character or a box would look like a misprint. */
const MISSING = '·'

/** Substitutes for characters that the font lacks and Unicode does not decompose. */
const SUBSTITUTES: ReadonlyMap<string, string> = new Map([
  ['ẞ', 'SS'],
  ['ʻ', '‘'],
  ['→', '->'],
  ['₴', 'UAH'],
])

const SPACES = /[\p{White_Space}\p{Cc}]+/gu
/** They show nothing, but some of them turn the direction of what follows. */
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\p{Cf}]/gu
const MARKS = /\p{M}/gu
const PICTURE = /^\p{RGI_Emoji}$|\p{Extended_Pictographic}/v

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

type LoadedFonts = readonly (readonly [name: string, font: Font])[]

let loaded: Promise<LoadedFonts> | undefined

/**
 * Makes the fonts known to a document. They are read from disk once, and their tables as they are needed: read anew for each
 * document, they were most of its cost. Only the glyphs used are embedded.
 */
export async function registerFonts(pdf: Pdf): Promise<void> {
  loaded ??= loadFonts().catch((error: unknown) => {
    // What failed once, for want of a file descriptor perhaps, is tried again.
    loaded = undefined
    throw error
  })
  for (const [name, font] of await loaded) {
    forgetGlyphs(font)
    // pdfkit takes whatever can lay out text for a font that was read already; its types do not say so.
    pdf.registerFont(name, font as unknown as Uint8Array)
  }
}

/**
 * Forgets the characters of a font's glyphs. A glyph keeps the characters it was first used for, and a document repeats
 * them as its text: they must be its own.
 */
function forgetGlyphs(font: Font): void {
  Object.assign(font, { _glyphs: {} })
}

function loadFonts(): Promise<LoadedFonts> {
  return Promise.all(
    Object.entries(FONT_FILES).map(async ([name, file]) => [name, openFont(await readFile(new URL(file)))] as const),
  )
}

function openFont(file: Buffer): Font {
  const font = create(unpackWoff(file))
  if (!('layout' in font)) throw new TypeError('a collection of fonts is no font')
  return font
}

/** Draws a text and answers where it ends below, in points. Whatever the text, it stays within its room. */
export function drawText(pdf: Pdf, text: string, box: TextBox, style: TextStyle): number {
  const { align = 'left', characterSpacing = 0 } = style
  const printed = printable(pdf.font(style.font), text)
  const options = { width: box.width, align, characterSpacing }
  // A little more than is given, lest a rounding error take the last line away.
  const room = () => (style.height ?? pdf.currentLineHeight(true)) + 0.1
  const fits = (size: number) => pdf.fontSize(size).heightOfString(printed, options) <= room()

  pdf.fontSize(largestSize(style, fits))
  const height = Math.min(pdf.heightOfString(printed, options), room())
  pdf.fillColor(style.color ?? 'black').text(printed, box.x, box.y, { ...options, height: room(), ellipsis: true })
  return box.y + height
}

/** Returns the largest size that fits, to within half a point; the smallest one if none does. */
function largestSize({ size, minSize }: TextStyle, fits: (size: number) => boolean): number {
  if (size === minSize || fits(size)) return size
  let [fitting, tooLarge] = [minSize, size]
  while (tooLarge - fitting > SIZE_STEP) {
    const middle = (fitting + tooLarge) / 2
    if (fits(middle)) fitting = middle
    else tooLarge = middle
  }
  return fitting
}

/**
 * Returns a text as the document's current font can print it: on one line, composed, without control characters. A
 * letter that the font lacks loses its accents, an emoji is left out, and a dot stands for all else.
 */
function printable(pdf: Pdf, text: string): string {
  const isPrintable = glyphLookup(pdf)
  const composed = text.toWellFormed().replaceAll('\ufffd', MISSING).normalize('NFC').replaceAll(SPACES, ' ').trim()
  let printed = ''
  for (const { segment } of graphemes.segment(composed)) {
    const visible = segment.replaceAll(INVISIBLE, '')
    const base = visible.normalize('NFKD').replaceAll(MARKS, '')
    const choices = [visible, base, SUBSTITUTES.get(visible)]
    const own = choices.find(
      (choice) => choice !== undefined && isPrintable(choice) && (choice !== '' || visible === ''),
    )
    printed += own ?? (PICTURE.test(segment) ? '' : MISSING)
  }
  const tidy = printed.replaceAll(/ {2,}/g, ' ').trim()
  return tidy === '' && composed !== '' ? MISSING : tidy
}

/**
 * Returns a function that says whether the font has a text's glyphs. pdfkit prints an empty box for a missing one and
 * reports nothing; its font knows, but its types do not name it.
 */
function glyphLookup(pdf: Pdf): (text: string) => boolean {
  const { _font } = pdf as Pdf & { readonly _font: { readonly font: { hasGlyphForCodePoint(code: number): boolean } } }
  return (text) => [...text].every((character) => _font.font.hasGlyphForCodePoint(character.codePointAt(0) ?? 0))
}
