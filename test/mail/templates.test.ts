import { simpleParser } from 'mailparser'
import { createTransport } from 'nodemailer'
import { describe, expect, test } from 'vitest'
import { cancellationMail } from '@boxoffice/core/mail/cancellation.ts'
import { confirmationMail } from '@boxoffice/core/mail/confirmation.ts'
import type { MailContent, MailedBooking } from '@boxoffice/core/mail/mailed-booking.ts'
import { messageOf, type OutgoingMail } from '@boxoffice/core/mail/message.ts'
import { recoveryMail } from '@boxoffice/core/mail/recovery.ts'
import { refundMail } from '@boxoffice/core/mail/refund.ts'
import { mailedBooking } from './bookings.ts'

const LINKS = { recoveryPage: 'https://tickets.example/recover' }
const LINK = 'https://tickets.example/recover?token=a.b.c&x="'

const MAILS: Readonly<Record<string, (booking: MailedBooking) => MailContent>> = {
  confirmation: (booking) => confirmationMail(booking, LINKS),
  cancellation: cancellationMail,
  refund: (booking) => refundMail(booking, { amount: 1000, currency: booking.currency }),
  recovery: (booking) => recoveryMail(booking, LINK),
}
const KINDS = Object.entries(MAILS)

const composer = createTransport({ streamTransport: true, buffer: true })

/** Puts a mail together and reads it as a mailbox would. */
async function sent(content: MailContent, changes: Partial<OutgoingMail> = {}) {
  const mail: OutgoingMail = {
    ...content,
    id: '01890000-0000-7000-8000-000000000001',
    name: 'mail',
    createdAt: new Date(0),
    to: { name: 'Ada Lovelace', address: 'ada@example.org' },
    attachments: [],
    ...changes,
  }
  const { message } = await composer.sendMail(messageOf(mail, 'Farol <tickets@farol.example>'))
  return simpleParser(message as Buffer)
}

test.each(KINDS)('the greeting of a %s repeats no name that could be a link', (_, mail) => {
  expect(mail(mailedBooking({ buyer: 'J. P. O’Brien-Łukasz' })).text).toContain('Hello J. P. O’Brien-Łukasz,')
  for (const buyer of ['Sign in at https://evil.example/x', 'evil.example', 'a@evil.example', '//evil']) {
    const { text, html } = mail(mailedBooking({ buyer }))
    expect(text).toContain('Hello, ')
    expect(`${text} ${html}`).not.toContain('evil')
  }
})

describe('a confirmation', () => {
  const { subject, text, html } = confirmationMail(mailedBooking(), LINKS)

  test('says what, when at the venue, where, which seats and what it cost, in both versions', () => {
    expect(subject).toBe('Your tickets for The Lighthouse Keepers (K7QXM2PA)')
    for (const version of [text, html]) {
      for (const fact of [
        'The Lighthouse Keepers',
        'Friday, 27 November 2026, 20:00 WET',
        'Farol Cinema',
        'Rua da Praia 12, 1200-001 Lisboa',
        'Grande Sala',
        'E5, E6, and A1',
        '2 × Premium',
        '29.00 EUR',
        '14.50 EUR each',
        '10.00 EUR',
        '-3.90 EUR',
        '1.05 EUR',
        '36.15 EUR',
        'K7QXM2PA',
        'https://tickets.example/recover',
      ]) {
        expect(version).toContain(fact)
      }
      expect(version.replaceAll('\n', ' ')).toContain('Your 3 tickets are attached')
    }
  })

  test('has the text in lines that a terminal shows, and aligns the amounts', () => {
    const lines = text.split('\n')
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(72)
    const amounts = lines.filter((line) => line.endsWith(' EUR'))
    expect(amounts.map((line) => line.length)).toEqual(amounts.map(() => 72))
    expect(amounts.length).toBe(5)
  })

  test('of tickets names how many of which', () => {
    const lines = [{ name: 'Balcony', seats: [], quantity: 2, unitPrice: 2500 }]
    const mail = confirmationMail(mailedBooking({ lines, auditorium: null, address: '' }), LINKS)
    expect(mail.text).toContain('2 × Balcony')
    expect(mail.text).not.toContain('Seat')
    expect(mail.text).not.toContain('Auditorium')
  })

  test('of something free has no discount and no fee to tell', () => {
    const lines = [{ name: 'Open day', seats: [], quantity: 1, unitPrice: 0 }]
    const { text: told } = confirmationMail(mailedBooking({ lines, discount: 0, fee: 0, total: 0 }), LINKS)
    expect(told).toContain('0.00 EUR')
    expect(told).not.toContain('Discount')
    expect(told).not.toContain('fee')
    expect(told).toContain('Your ticket is attached')
  })
})

test.each([
  ['JPY', 3615, '3615 JPY'],
  ['KWD', 3615, '3.615 KWD'],
  ['EUR', 3615, '36.15 EUR'],
])('amounts in %s have the decimals of that currency', (currency, total, shown) => {
  const { text, html } = confirmationMail(mailedBooking({ currency, total }), LINKS)
  expect(text).toContain(shown)
  expect(html).toContain(shown)
})

test.each([
  ['America/New_York', 'Friday, 27 November 2026, 15:00 EST'],
  ['Asia/Kolkata', 'Saturday, 28 November 2026, 01:30 IST'],
  ['Pacific/Auckland', 'Saturday, 28 November 2026, 09:00'],
])('the time is that of the clocks in %s', (timeZone, shown) => {
  for (const [, write] of KINDS) {
    const { text, html } = write(mailedBooking({ timeZone }))
    expect(text.replaceAll(/\s+/g, ' ')).toContain(shown)
    expect(html).toContain(shown)
  }
})

describe('a cancellation', () => {
  test.each([
    ['customer', 'as you asked'],
    ['organizer', 'The organizer, Farol Cinema, had to cancel'],
  ] as const)('by the %s says so', (cancelReason, why) => {
    const { text, html } = cancellationMail(mailedBooking({ status: 'cancelled', cancelReason }))
    expect(html).toContain(why.charAt(0).toUpperCase() + why.slice(1) === why ? why.slice(1) : why)
    expect(text.replaceAll('\n', ' ')).toContain(why.slice(1))
  })

  test.each([
    [{ paid: 0, returned: 0 }, 'You were not charged'],
    [{ paid: 3615, returned: 3615 }, '36.15 EUR, all that you paid, goes back'],
    [{ paid: 3615, returned: 3510 }, '35.10 EUR of the 36.15 EUR that you paid goes back'],
    [{ paid: 3615, returned: 0 }, 'nothing of the 36.15 EUR that you paid is paid back'],
    [{ paid: 3615, returned: 0, refundFailed: true }, 'did not work at once'],
  ])('of %o says what happens with the money', (changes, says) => {
    const { text, html } = cancellationMail(
      mailedBooking({ status: 'cancelled', cancelReason: 'organizer', ...changes }),
    )
    expect(text.replaceAll('\n', ' ')).toContain(says)
    expect(html).toContain(says)
  })
})

test('a refund says how much, and whether the booking still stands', () => {
  const kept = refundMail(mailedBooking(), { amount: 500, currency: 'EUR' })
  expect(kept.subject).toBe('5.00 EUR refunded: The Lighthouse Keepers (K7QXM2PA)')
  expect(kept.text).toContain('still valid')
  const gone = refundMail(mailedBooking({ status: 'cancelled' }), { amount: 500, currency: 'JPY' })
  expect(gone.html).toContain('500 JPY')
  expect(gone.html).toContain('is cancelled')
})

const NASTY = `<img src=x onerror=alert(1)>"'&amp;</style></title><script>`

describe.each(KINDS)('a %s', (_kind, write) => {
  test('shows what people wrote as text, whatever it is', () => {
    const { html } = write(
      mailedBooking({
        title: NASTY,
        buyer: NASTY,
        venue: NASTY,
        address: NASTY,
        auditorium: NASTY,
        organizer: NASTY,
        lines: [{ name: NASTY, seats: [NASTY], quantity: 1, unitPrice: 1 }],
      }),
    )
    expect(html).not.toContain('<img')
    expect(html).not.toContain('<script')
    expect(html.match(/<\/style>/g)).toHaveLength(1)
    expect(html.match(/<\/title>/g)).toHaveLength(1)
    expect(html).toContain('&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;amp;')
  })

  test('fetches nothing from anywhere, and runs nothing', () => {
    const { html } = write(mailedBooking())
    expect(html).not.toMatch(/<(?:img|script|link|iframe|form|object)\b/)
    expect(html).not.toMatch(/url\(|@import|src=/)
  })

  test('takes no header from a title or a name', async () => {
    const evil = 'A Film\r\nBcc: eve@example.org\r\n\r\nHello'
    const mail = await sent(
      write(mailedBooking({ title: evil, buyer: evil, organizer: evil, reference: 'K7QXM2PA' })),
      {
        to: { name: `Ada\r\nBcc: eve@example.org`, address: 'ada@example.org' },
      },
    )
    expect(mail.headers.has('bcc')).toBe(false)
    expect(mail.to).toMatchObject({ value: [{ address: 'ada@example.org' }] })
    expect(mail.subject).not.toMatch(/[\r\n]/)
    expect(mail.text?.split('\n').filter((line) => line.startsWith('Bcc:'))).toEqual([])
  })

  test('keeps its form with texts of any length, and marks of direction out', () => {
    const long = 'Pneumonoultramicroscopicsilicovolcanoconiosis'.repeat(20)
    const { subject, text, html } = write(mailedBooking({ title: `${long}\u202e`, buyer: long, venue: long }))
    expect([...subject].length).toBeLessThanOrEqual(150)
    for (const version of [subject, text, html]) expect(version).not.toContain('\u202e')
    expect(html).toContain('overflow-wrap:anywhere')
  })

  test('is the same mail each time, and nobody answers it by machine', async () => {
    const [first, second] = [await sent(write(mailedBooking())), await sent(write(mailedBooking()))]
    expect(first.messageId).toBe('<01890000-0000-7000-8000-000000000001@farol.example>')
    expect(second.messageId).toBe(first.messageId)
    expect(first.headers.get('auto-submitted')).toBe('auto-generated')
    expect(first.from?.text).toBe('"Farol" <tickets@farol.example>')
  })
})

test('a link is put into the mail whole, and as an address', () => {
  const { text, html } = recoveryMail(mailedBooking(), LINK)
  expect(text).toContain(`\n${LINK}\n`)
  expect(html).toContain('href="https://tickets.example/recover?token=a.b.c&amp;x=&quot;"')
})
