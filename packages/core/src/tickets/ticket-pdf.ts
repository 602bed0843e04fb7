import { setImmediate as letOthersRun } from 'node:timers/promises'
import PDFDocument from 'pdfkit'
import { formatMoney, type Minor } from '../domain/money/money.ts'
import { eventSpan } from './event-time.ts'
import { drawText, registerFonts, type TextStyle } from './pdf-text.ts'
import { ticketQrMatrix } from './ticket-qr.ts'

/** All that is printed on the tickets of one booking. Texts may be of any length and in any script. */
export interface TicketDocument {
  /** Title of the movie or event. */
  readonly title: string
  readonly venue: string
  /** May be empty. */
  readonly address: string
  readonly auditorium: string | null
  readonly startsAt: Date
  /** Printed too where it is more than a day later. */
  readonly endsAt: Date
  /** IANA name of the venue's time zone, in which the times are printed. */
  readonly timeZone: string
  /** Reference of the booking. */
  readonly reference: string
  readonly buyer: string
  readonly organizer: string
  /** The organizer's e-mail address; `null`: not printed. */
  readonly contact: string | null
  /** Time of the booking. It is the PDF's date, so that the same booking gives the same bytes. */
  readonly bookedAt: Date
  /** ISO 4217 code of the prices. */
  readonly currency: string
  /** Tickets, at least one, in the order of their numbers. */
  readonly tickets: readonly PrintedTicket[]
}

export interface PrintedTicket {
  /** Content of the QR code. */
  readonly token: string
  readonly place: PrintedPlace
  /** Price after the discount. The fee belongs to the booking and is on no ticket. */
  readonly price: Minor
}

export type PrintedPlace =
  | {
      readonly kind: 'seat'
      readonly section: string | null
      /** `null` where the layout no longer has the seat, which then has its label for a number. */
      readonly row: string | null
      readonly number: string
      readonly category: string | null
      /** Name of the rate. */
      readonly rate: string | null
    }
  | { readonly kind: 'area'; readonly name: string; readonly category: string | null; readonly rate: string | null }
  | { readonly kind: 'ticketType'; readonly name: string }

type Pdf = InstanceType<typeof PDFDocument>

// All lengths are in points, from the page's top left. A4 is 595.28 by 841.89.
const CARD = { x: 44, y: 44, width: 507, radius: 14 }
const PADDING = 28
const LEFT = CARD.x + PADDING
const RIGHT = CARD.x + CARD.width - PADDING
const INNER = RIGHT - LEFT
const BAND = 38
const NOTCH = 8

/** The dark part of the code. Its quiet zone is the white around it: the card's padding, and the gap to the texts. */
const QR = 184
const COLUMN = INNER - QR - 32

const GREY = '#555555'

const BAND_TEXT: TextStyle = { font: 'bold', size: 11, minSize: 11, color: 'white', characterSpacing: 0.8 }
const TITLE: TextStyle = { font: 'bold', size: 34, minSize: 14, height: 120 }
const TIME: TextStyle = { font: 'medium', size: 17, minSize: 12, height: 42 }
// Wider letter spacing than this is read as spaces when the text is copied or read aloud.
const LABEL: TextStyle = { font: 'medium', size: 7.5, minSize: 7.5, color: GREY, characterSpacing: 0.5 }
const NAME: TextStyle = { font: 'bold', size: 15, minSize: 9, height: 36 }
const DETAIL: TextStyle = { font: 'regular', size: 10.5, minSize: 7.5, height: 38 }
const FACT: TextStyle = { font: 'medium', size: 13, minSize: 8, height: 31 }
const SEAT: TextStyle = { font: 'bold', size: 38, minSize: 9 }
const TICKET_TYPE: TextStyle = { font: 'bold', size: 24, minSize: 11, height: 85 }
const REFERENCE: TextStyle = { font: 'bold', size: 27, minSize: 12, characterSpacing: 2 }
const SMALL: TextStyle = { font: 'regular', size: 8.5, minSize: 6.5, color: GREY }
const ADVICE_HEADING: TextStyle = { font: 'medium', size: 10.5, minSize: 8 }
const ADVICE_TEXT: TextStyle = { font: 'regular', size: 9, minSize: 8, height: 44, color: GREY }

/**
 * Renders the tickets of a booking as a PDF, one A4 page each: a card with everything that the ticket says and its QR
 * code as vectors, and some advice below the line to cut along. It uses black, white and grey. Roboto is embedded; a
 * dot stands for each character it lacks (Chinese, Arabic), and emoji are left out.
 *
 * Renders one document at a time, because they share the fonts.
 *
 * @throws RangeError for a booking without tickets, an unknown currency or time zone, or a price that is no integer.
 */
export async function renderTicketsPdf(document: TicketDocument): Promise<Buffer> {
  const { tickets } = document
  if (tickets.length === 0) throw new RangeError('a booking without tickets has nothing to print')
  const pdf = new PDFDocument({
    size: 'A4',
    margin: 0,
    autoFirstPage: false,
    lang: 'en',
    displayTitle: true,
    info: {
      Title: `${document.title} (${document.reference})`.toWellFormed(),
      Author: document.organizer.toWellFormed(),
      Creator: 'Boxoffice',
      Producer: 'Boxoffice',
      CreationDate: document.bookedAt,
    },
  })
  const chunks: Buffer[] = []
  pdf.on('data', (chunk: Buffer) => chunks.push(chunk))
  const ended = new Promise<void>((resolve, reject) => {
    pdf.once('end', resolve)
    pdf.once('error', reject)
  })
  await registerFonts(pdf)
  const time = eventSpan(document.startsAt, document.endsAt, document.timeZone)
  for (const [index, ticket] of tickets.entries()) {
    // A page takes some 10 ms of the processor, and a booking may have a hundred.
    await letOthersRun()
    pdf.addPage()
    const ordinal = `Ticket ${index + 1} of ${tickets.length}`
    const below = drawCard(pdf, { document, ticket, ordinal, time })
    drawCutLine(pdf, below + 30)
    drawAdvice(pdf, below + 56)
  }
  pdf.end()
  await ended
  return Buffer.concat(chunks)
}

interface Card {
  readonly document: TicketDocument
  readonly ticket: PrintedTicket
  /** `Ticket 2 of 3` */
  readonly ordinal: string
  readonly time: string
}

/** Draws the card as high as its texts need, and answers where it ends. */
function drawCard(pdf: Pdf, card: Card): number {
  drawBand(pdf, card)
  const fold = drawHead(pdf, card) + 24
  const bodyEnd = drawBody(pdf, card, fold + 26)
  const end = drawFoot(pdf, card, bodyEnd + 22)

  pdf
    .roundedRect(CARD.x, CARD.y, CARD.width, end - CARD.y, CARD.radius)
    .lineWidth(1.2)
    .stroke('black')
  drawPerforation(pdf, fold)
  return end
}

function drawBand(pdf: Pdf, { ordinal }: Card): void {
  const { x, y, width, radius } = CARD
  pdf.save()
  // Rounded above only: what is rounded below is clipped off.
  pdf.rect(x, y, width, BAND).clip()
  pdf.roundedRect(x, y, width, BAND + radius, radius).fill('black')
  pdf.restore()
  const box = { x: LEFT, y: y + 12.5, width: INNER }
  drawText(pdf, 'ADMIT ONE', box, BAND_TEXT)
  drawText(pdf, ordinal, box, { ...BAND_TEXT, characterSpacing: 0, align: 'right' })
}

function drawHead(pdf: Pdf, { document, time }: Card): number {
  const end = drawText(pdf, document.title, { x: LEFT, y: CARD.y + BAND + 22, width: INNER }, TITLE)
  return drawText(pdf, time, { x: LEFT, y: end + 8, width: INNER }, TIME)
}

function drawBody(pdf: Pdf, { document, ticket }: Card, top: number): number {
  const width = COLUMN
  let y = drawText(pdf, 'VENUE', { x: LEFT, y: top, width }, LABEL)
  y = drawText(pdf, document.venue, { x: LEFT, y: y + 3, width }, NAME)
  if (document.address !== '') y = drawText(pdf, document.address, { x: LEFT, y: y + 3, width }, DETAIL)
  if (document.auditorium !== null) {
    y = drawText(pdf, 'AUDITORIUM', { x: LEFT, y: y + 18, width }, LABEL)
    y = drawText(pdf, document.auditorium, { x: LEFT, y: y + 3, width }, FACT)
  }
  y = drawPlace(pdf, ticket.place, y + 22)

  drawQr(pdf, ticket.token, RIGHT - QR, top)
  const caption = { x: RIGHT - QR, y: top + QR + 12, width: QR }
  return Math.max(y, drawText(pdf, 'Show this code at the entrance', caption, { ...SMALL, align: 'center' }))
}

function drawPlace(pdf: Pdf, place: PrintedPlace, top: number): number {
  if (place.kind === 'ticketType') {
    const label = drawText(pdf, 'TICKET', { x: LEFT, y: top, width: COLUMN }, LABEL)
    return drawText(pdf, place.name, { x: LEFT, y: label + 3, width: COLUMN }, TICKET_TYPE)
  }
  // Label and value in turn: the order of drawing is the order in which a screen reader reads.
  const fact = (x: number, y: number, width: number, label: string, text: string, style: TextStyle, gap: number) =>
    drawText(pdf, text, { x, y: drawText(pdf, label, { x, y, width }, LABEL) + gap, width }, style)
  let y = top
  if (place.kind === 'area') {
    y = fact(LEFT, y, COLUMN, 'AREA', place.name, TICKET_TYPE, 3)
    if (place.category !== null) y = fact(LEFT, y + 14, COLUMN, 'CATEGORY', place.category, FACT, 3)
  } else {
    if (place.section !== null) y = fact(LEFT, y, COLUMN, 'SECTION', place.section, FACT, 3) + 14
    const third = COLUMN / 3
    const row = y
    const column = (index: number, label: string, text: string, style: TextStyle, gap: number) =>
      fact(LEFT + index * third, row, third - 8, label, text, style, gap)
    y = Math.max(
      place.row === null ? 0 : column(0, 'ROW', place.row, SEAT, 0),
      column(place.row === null ? 0 : 1, 'SEAT', place.number, SEAT, 0),
      place.category === null ? 0 : column(2, 'CATEGORY', place.category, FACT, 6),
    )
  }
  return place.rate === null ? y : fact(LEFT, y + 14, COLUMN, 'RATE', place.rate, FACT, 3)
}

function drawFoot(pdf: Pdf, { document, ticket }: Card, top: number): number {
  pdf.moveTo(LEFT, top).lineTo(RIGHT, top).lineWidth(0.6).stroke('black')
  const y = top + 18
  const columns = [
    { x: LEFT, width: 206, label: 'BOOKING REFERENCE', text: document.reference, style: REFERENCE, gap: 0 },
    { x: LEFT + 222, width: 130, label: 'NAME', text: document.buyer, style: FACT, gap: 4 },
    {
      x: LEFT + 368,
      width: INNER - 368,
      label: 'PRICE',
      text: formatMoney(ticket.price, document.currency),
      style: FACT,
      gap: 4,
    },
  ]
  const ends = columns.map(({ x, width, label, text, style, gap }) =>
    drawText(pdf, text, { x, width, y: drawText(pdf, label, { x, y, width }, LABEL) + gap }, style),
  )
  const small = (text: string, below: number) => drawText(pdf, text, { x: LEFT, y: below, width: INNER }, SMALL)
  const organizer = small(`Organized by ${document.organizer}`, Math.max(...ends) + 14)
  return (document.contact === null ? organizer : small(`Questions? Write to ${document.contact}`, organizer + 1)) + 18
}

/**
 * Draws a QR code. A row of one module's height is one rectangle, and all of them are one shape: no seams between them
 * when printed.
 */
function drawQr(pdf: Pdf, token: string, x: number, y: number): void {
  const { size, isDark } = ticketQrMatrix(token)
  const side = QR / size
  for (let row = 0; row < size; row += 1) {
    let start = 0
    for (let column = 0; column <= size; column += 1) {
      if (column < size && isDark(row, column)) continue
      if (column > start) pdf.rect(x + start * side, y + row * side, (column - start) * side, side)
      start = column + 1
    }
  }
  pdf.fill('black')
}

/** Draws the dashes across the card, with a notch at each end, as on a ticket that is torn off. */
function drawPerforation(pdf: Pdf, y: number): void {
  const left = CARD.x
  const right = CARD.x + CARD.width
  for (const x of [left, right]) pdf.rect(x - 1, y - NOTCH, 2, 2 * NOTCH).fill('white')
  pdf.lineWidth(1.2)
  const arc = (x: number, sweep: 0 | 1) =>
    pdf.path(`M ${x} ${y - NOTCH} A ${NOTCH} ${NOTCH} 0 0 ${sweep} ${x} ${y + NOTCH}`).stroke('black')
  arc(left, 1)
  arc(right, 0)
  drawDashes(pdf, left + NOTCH + 8, right - NOTCH - 8, y)
}

function drawCutLine(pdf: Pdf, y: number): void {
  drawScissors(pdf, CARD.x, y)
  drawDashes(pdf, CARD.x + 24, CARD.x + CARD.width, y)
}

function drawDashes(pdf: Pdf, from: number, to: number, y: number): void {
  pdf.save()
  pdf.moveTo(from, y).lineTo(to, y).lineWidth(0.8).dash(4, { space: 4 }).stroke(GREY)
  pdf.restore()
}

/** Draws scissors, because Roboto has none: two blades that cross, a ring at the end of each. */
function drawScissors(pdf: Pdf, x: number, y: number): void {
  pdf.save()
  pdf.lineWidth(1.1).lineCap('round')
  for (const side of [-1, 1]) {
    pdf.circle(x + 3, y + side * 3.6, 2.5).stroke(GREY)
    pdf
      .moveTo(x + 5.2, y + side * 2.4)
      .lineTo(x + 18, y - side * 3.4)
      .stroke(GREY)
  }
  pdf.restore()
}

const ADVICE = [
  ['On paper or on a screen', 'Print this page or show it on your phone. Keep the code flat, clean and fully visible.'],
  ['One code, one person', 'Each person needs a ticket. Each code admits one person, once.'],
  ['Keep it to yourself', 'The first person to show the code gets in. Do not post pictures of it before the event.'],
] as const

function drawAdvice(pdf: Pdf, y: number): void {
  const gap = 24
  const width = (CARD.width - gap * (ADVICE.length - 1)) / ADVICE.length
  for (const [index, [heading, sentence]] of ADVICE.entries()) {
    const x = CARD.x + index * (width + gap)
    const end = drawText(pdf, heading, { x, y, width }, ADVICE_HEADING)
    drawText(pdf, sentence, { x, y: end + 4, width }, ADVICE_TEXT)
  }
}
