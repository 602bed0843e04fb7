import { describe, expect, test, vi } from 'vitest'
import { type PrintedTicket, renderTicketsPdf, type TicketDocument } from '@boxoffice/core/tickets/ticket-pdf.ts'
import { verifyTicketToken } from '@boxoffice/core/tickets/ticket-token.ts'
import { seatToken, ticketKeys, typeToken } from './keys.ts'
import { type ReadPage, readPdf } from './read-pdf.ts'

const KEYS = ticketKeys()

function seatTicket(row: string, number: number, category: string | null = 'Balcão'): PrintedTicket {
  const place = { kind: 'seat', section: null, row, number: String(number), category, rate: null } as const
  return { token: seatToken(KEYS, `${row}${number}`), place, price: 1250 }
}

function typeTicket(name: string): PrintedTicket {
  return { token: typeToken(KEYS), place: { kind: 'ticketType', name }, price: 8900 }
}

function documentWith(more: Partial<TicketDocument> = {}): TicketDocument {
  return {
    title: 'A Canção da Última Estação',
    venue: 'Cinema São Jorge',
    address: 'Avenida da Liberdade 175, 1250-141 Lisboa',
    auditorium: 'Sala Manoel de Oliveira',
    startsAt: new Date('2026-11-27T20:00:00Z'),
    endsAt: new Date('2026-11-27T22:00:00Z'),
    timeZone: 'Europe/Lisbon',
    reference: 'K7PM3XQZ',
    buyer: 'Żaneta Łukasiewicz',
    organizer: 'Θέατρο Λίμνης',
    contact: null,
    bookedAt: new Date('2026-11-01T10:00:00Z'),
    currency: 'EUR',
    tickets: [seatTicket('F', 12)],
    ...more,
  }
}

const read = async (document: TicketDocument) => readPdf(await renderTicketsPdf(document))

async function readPage(document: TicketDocument): Promise<ReadPage> {
  const [page, ...more] = (await read(document)).pages
  if (page === undefined || more.length > 0) throw new Error('not one page')
  return page
}

/** A title of 200 characters as people write them. */
const LONG_TITLE =
  'The Inexplicable and Altogether Unlikely Adventures of a Lighthouse Keeper, '.repeat(3).slice(0, 199) + '!'

describe('the PDF of a booking', () => {
  test('says section, row and seat as the house names them, and the rate', async () => {
    const place = {
      kind: 'seat',
      section: 'Balkon links',
      row: '1',
      number: '5A',
      category: 'Parkett',
      rate: 'Kind bis 12',
    } as const
    const { text } = await readPage(documentWith({ tickets: [{ ...seatTicket('F', 12), place }] }))
    for (const part of ['SECTION Balkon links', 'ROW 1', 'SEAT 5A', 'CATEGORY Parkett', 'RATE Kind bis 12']) {
      expect(text).toContain(part)
    }
    const lost = { ...place, section: null, row: null, number: 'F12', category: null, rate: null }
    const without = await readPage(documentWith({ tickets: [{ ...seatTicket('F', 12), place: lost }] }))
    expect(without.text).toContain('SEAT F12')
    expect(without.text).not.toContain('ROW')
  })

  test('says the area of a place without a seat', async () => {
    const place = { kind: 'area', name: 'Floor', category: 'Standing', rate: 'Member' } as const
    const { text } = await readPage(documentWith({ tickets: [{ ...seatTicket('F', 12), place }] }))
    for (const part of ['AREA Floor', 'CATEGORY Standing', 'RATE Member']) expect(text).toContain(part)
    expect(text).not.toContain('SEAT')
  })

  test('says everything that is to be known about a seat', async () => {
    const { text } = await readPage(documentWith())
    for (const part of [
      'A Canção da Última Estação',
      'Friday, 27 November 2026, 20:00 Lisbon time',
      'VENUE Cinema São Jorge Avenida da Liberdade 175, 1250-141 Lisboa',
      'AUDITORIUM Sala Manoel de Oliveira',
      'ROW F',
      'SEAT 12',
      'CATEGORY Balcão',
      'PRICE 12.50 EUR',
      'BOOKING REFERENCE K7PM3XQZ',
      'NAME Żaneta Łukasiewicz',
      'Organized by Θέατρο Λίμνης',
      'Ticket 1 of 1',
    ]) {
      expect(text).toContain(part)
    }
  })

  test('names whom to ask where there is somebody, and nobody otherwise', async () => {
    const { text } = await readPage(documentWith({ contact: 'kino@example.org' }))
    expect(text).toContain('Organized by Θέατρο Λίμνης Questions? Write to kino@example.org')
    expect((await readPage(documentWith())).text).not.toContain('Questions')
  })

  test('says which type a ticket of an event has, and leaves out what it has not', async () => {
    const { text } = await readPage(
      documentWith({ title: 'Їжак і Привид', address: '', auditorium: null, tickets: [typeTicket('Weekend pass')] }),
    )
    for (const part of ['Їжак і Привид', 'Weekend pass', '89.00 EUR']) expect(text).toContain(part)
    for (const label of ['ROW ', 'SEAT ', 'AUDITORIUM', 'CATEGORY']) expect(text).not.toContain(label)
  })

  test.each([1, 3, 10])('has a page for each of %i tickets, in their order, each with its own code', async (count) => {
    const tickets = Array.from({ length: count }, (_, index) => seatTicket('C', index + 1))
    const { pages } = await read(documentWith({ tickets }))
    expect(pages).toHaveLength(count)
    for (const [index, { text, codes }] of pages.entries()) {
      expect(text).toContain(`Ticket ${index + 1} of ${count}`)
      expect(codes).toEqual([tickets[index]?.token])
      expect(verifyTicketToken(KEYS, codes[0] ?? '')).toMatchObject({ seat: `C${index + 1}` })
    }
  })

  test('prints a title of 200 characters in full, and nothing over anything else', async () => {
    const tickets = [seatTicket('F', 12)]
    const page = await readPage(documentWith({ title: LONG_TITLE, tickets }))
    expect(LONG_TITLE).toHaveLength(200)
    expect(page.text).toContain(LONG_TITLE)
    expect(page.text).not.toContain('…')
    expect(page.codes).toEqual([tickets[0]?.token])
    expectTidy(page)
  })

  test('stays on its page and legible, however long everything is', async () => {
    const endless = (letter: string) => letter.repeat(500)
    const more = {
      title: endless('W'),
      venue: endless('V'),
      address: endless('A'),
      auditorium: endless('U'),
      buyer: endless('N'),
      organizer: endless('O'),
      contact: `${endless('o')}@example.org`,
      reference: 'WWWWWWWW',
    }
    const tickets = [
      { ...seatTicket('WWWWWWWW', 99_999_999, endless('C')), price: Number.MAX_SAFE_INTEGER },
      typeTicket(endless('T')),
      typeTicket('a word '.repeat(80)),
    ]
    const { pages } = await read(documentWith({ ...more, tickets }))
    expect(pages).toHaveLength(tickets.length)
    for (const [index, page] of pages.entries()) {
      expect(page.text).toContain('WWWWWWWW')
      expect(page.codes).toEqual([tickets[index]?.token])
      expectTidy(page)
    }
    expect(pages[0]?.text).toContain('99999999')
  })

  test('prints names in Latin, Greek and Cyrillic letters as they are', async () => {
    const names = [
      'Nguyễn Thị Ánh Ưởng',
      'Iğdır Şükrü',
      'Źdźbło Łączna',
      'Ďáblův Ščŕ',
      'Ґалаґан Їжак',
      'Қазақстан Ђурђа',
      'Θέατρο Λίμνης',
    ]
    for (const name of names) {
      const { text } = await readPage(
        documentWith({ title: name, buyer: name, venue: name, address: name, organizer: 'Farol' }),
      )
      expect(text.split(name)).toHaveLength(5)
    }
  })

  test('prints a dot for what the font lacks, leaves pictures out, and prints everything around it', async () => {
    const { text, codes } = await readPage(
      documentWith({
        title: 'Spirited Away 千 (encore)',
        venue: 'مسرح Kino',
        address: 'Große Gasse → GROẞE GASSE',
        auditorium: '🎭',
        buyer: 'Zoë 👩‍👩‍👧 O\u0302ne\u0301 \u202Eevil\u0000\n\ud800 🇵🇹',
        organizer: '\u{1d400}cme Ἀθῆναι',
      }),
    )
    expect(text).toContain('Spirited Away · (encore)')
    expect(text).toContain('···· Kino')
    expect(text).toContain('Große Gasse -> GROSSE GASSE')
    expect(text).toContain('AUDITORIUM · ')
    // Accents are composed; what turns the writing around is left out, and half a character is none.
    expect(text).toContain('Zoë Ôné evil ·')
    expect(text).toContain('Organized by Acme Αθηναι')
    expect(text).not.toMatch(/[\ufffd\u25a1]/)
    expect(codes).toHaveLength(1)
  })

  test('has the end of what takes longer than a day, and nothing over anything else', async () => {
    const page = await readPage(documentWith({ endsAt: new Date('2026-11-29T23:00:00Z') }))
    expect(page.text).toContain('Friday, 27 November 2026, 20:00 to Sunday, 29 November 2026, 23:00 Lisbon time')
    expectTidy(page)
  })

  test('is nothing but empty of text where texts are empty', async () => {
    const page = await readPage(documentWith({ title: '', venue: ' ', buyer: '', organizer: '', address: '' }))
    expect(page.text).toContain('K7PM3XQZ')
    expectTidy(page)
  })

  test('is named after what it is for, and is the same each time', async () => {
    const document = documentWith()
    const first = await renderTicketsPdf(document)
    vi.useFakeTimers({ toFake: ['Date'], now: new Date('2031-01-01T00:00:00Z') })
    try {
      expect(await renderTicketsPdf(document)).toEqual(first)
    } finally {
      vi.useRealTimers()
    }
    expect((await readPdf(first)).info).toMatchObject({
      Title: 'A Canção da Última Estação (K7PM3XQZ)',
      Author: 'Θέατρο Λίμνης',
      CreationDate: 'D:20261101100000Z',
      Language: 'en',
    })
  })

  test('embeds no more of the fonts than it needs', async () => {
    const pdf = await renderTicketsPdf(documentWith({ tickets: Array.from({ length: 10 }, () => seatTicket('A', 1)) }))
    expect(pdf.length).toBeLessThan(120_000)
  })

  test('is refused where there is nothing to print or it would be wrong', async () => {
    await expect(renderTicketsPdf(documentWith({ tickets: [] }))).rejects.toThrow(RangeError)
    await expect(renderTicketsPdf(documentWith({ currency: 'XXX' }))).rejects.toThrow(RangeError)
    await expect(renderTicketsPdf(documentWith({ timeZone: 'Moon/Crater' }))).rejects.toThrow(RangeError)
  })
})

/** Expects that no two pieces of text overlap, none is outside of the margins, and none is too small to read. */
function expectTidy({ pieces }: ReadPage): void {
  for (const [index, piece] of pieces.entries()) {
    expect(piece.left).toBeGreaterThan(40)
    expect(piece.right).toBeLessThan(595 - 40)
    expect(piece.bottom).toBeGreaterThan(36)
    expect(piece.top - piece.bottom).toBeGreaterThan(6)
    for (const other of pieces.slice(index + 1)) {
      const apart =
        piece.right <= other.left + 1 ||
        other.right <= piece.left + 1 ||
        piece.top <= other.bottom + piece.top * 0.005 ||
        other.top <= piece.bottom + piece.top * 0.005
      expect({ piece: piece.text, other: other.text, apart }).toMatchObject({ apart: true })
    }
  }
}
