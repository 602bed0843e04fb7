import { simpleParser } from 'mailparser'
import { createTransport } from 'nodemailer'
import { describe, expect, test } from 'vitest'
import { cancellationMail } from '@boxoffice/core/mail/cancellation.ts'
import { confirmationMail } from '@boxoffice/core/mail/confirmation.ts'
import type { MailContent, MailedBooking } from '@boxoffice/core/mail/mailed-booking.ts'
import { messageOf, type OutgoingMail } from '@boxoffice/core/mail/message.ts'
import { hasMoved, moveMail } from '@boxoffice/core/mail/move.ts'
import { recoveryMail } from '@boxoffice/core/mail/recovery.ts'
import { refundMail } from '@boxoffice/core/mail/refund.ts'
import { reminderMail } from '@boxoffice/core/mail/reminder.ts'
import { mailedBooking, mailedCancellation, seatItem } from './bookings.ts'

const LINKS = { recoveryPage: 'https://tickets.example/recover' }
const LINK = 'https://tickets.example/recover?token=a.b.c&x="'

const HELD_UNTIL = new Date('2026-11-25T18:30:00Z')
const BEFORE = { startsAt: new Date('2026-11-20T20:00:00Z'), timeZone: 'Europe/Lisbon', venue: 'Cinema Velho' }

const MAILS: Readonly<Record<string, (booking: MailedBooking) => MailContent>> = {
  confirmation: (booking) => confirmationMail(booking, LINKS),
  cancellation: (booking) => cancellationMail({ ...booking, status: 'cancelled' }, mailedCancellation()),
  'cancelled show': (booking) =>
    cancellationMail({ ...booking, status: 'cancelled' }, mailedCancellation({ calledOff: 'Rain' })),
  refund: (booking) => refundMail(booking, { amount: 1000, currency: booking.currency, byHand: false }),
  move: (booking) => moveMail(booking, BEFORE),
  reminder: (booking) => reminderMail({ ...booking, heldUntil: HELD_UNTIL }, LINKS),
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
    replyTo: null,
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

test('a reminder says until when places are kept, as clocks at the venue show it, what is to be paid, and for what', () => {
  const booking = mailedBooking({ status: 'pending', timeZone: 'Europe/Madrid' })
  const { subject, text } = reminderMail({ ...booking, heldUntil: HELD_UNTIL }, LINKS)
  const flat = text.replaceAll(/\s+/g, ' ')
  expect(subject).toBe('Kept for you until Wednesday, 25 November 2026, 19:30: The Lighthouse Keepers (K7QXM2PA)')
  expect(flat).toContain(
    'your places are kept until Wednesday, 25 November 2026, 19:30 Madrid time. Please pay 36.15 EUR before',
  )
  expect(flat).toContain('as agreed with Farol Cinema. After that they go back on sale.')
  expect(flat).toContain('E5')
  expect(flat).toContain(LINKS.recoveryPage)
})

describe('a confirmation', () => {
  const { subject, text, html } = confirmationMail(mailedBooking(), LINKS)

  test('says what, when at the venue, where, which seats and what it cost, in both versions', () => {
    expect(subject).toBe('Your tickets for The Lighthouse Keepers (K7QXM2PA)')
    for (const version of [text, html]) {
      for (const fact of [
        'The Lighthouse Keepers',
        'Friday, 27 November 2026, 20:00 Lisbon time',
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
    const items = [{ name: 'Balcony', seats: [], area: null, rate: null, quantity: 2, unitPrice: 2500 }]
    const mail = confirmationMail(mailedBooking({ items, auditorium: null, address: '' }), LINKS)
    expect(mail.text).toContain('2 × Balcony')
    expect(mail.text).not.toContain('Seat')
    expect(mail.text).not.toContain('Auditorium')
  })

  test('of something free has no discount and no fee to tell', () => {
    const items = [{ name: 'Open day', seats: [], area: null, rate: null, quantity: 1, unitPrice: 0 }]
    const { text: told } = confirmationMail(mailedBooking({ items, discount: 0, fee: 0, total: 0 }), LINKS)
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
  ['America/New_York', 'Friday, 27 November 2026, 15:00 New York time'],
  ['Asia/Kolkata', 'Saturday, 28 November 2026, 01:30 Kolkata time'],
  ['Pacific/Auckland', 'Saturday, 28 November 2026, 09:00 Auckland time'],
])('the time is that of the clocks in %s', (timeZone, shown) => {
  for (const [, write] of KINDS) {
    const { text, html } = write(mailedBooking({ timeZone }))
    expect(text.replaceAll(/\s+/g, ' ')).toContain(shown)
    expect(html).toContain(shown)
  }
})

/** Returns a mail's text without its line breaks. */
const flat = ({ text }: MailContent) => text.replaceAll(/\s+/g, ' ')

test('three seats in a row or more are told as a run, and fewer as they are', () => {
  const items = [
    seatItem('Premium', ['H7', 'H5', 'H6', 'J1'], 1450),
    seatItem('Standard', ['J2', 'H8', 'BB10', 'BB9'], 1000),
  ]
  const told = flat(confirmationMail(mailedBooking({ items }), LINKS))
  expect(told).toContain('Seats: H5–H8, J1, J2, BB9, and BB10')
  expect(told).toContain('H5–H7, J1 ')
})

test('rows of numbers, sections, areas and rates are told as the house names them', () => {
  const seat = (section: string | null, row: string, number: string) => ({ seat: 'label', section, row, number })
  const items = [
    {
      ...seatItem('Premium', [], 1450),
      quantity: 6,
      rate: 'Child',
      seats: [
        ...['7', '5', '6', '5A'].map((number) => seat(null, '1', number)),
        ...['2', '3'].map((number) => seat('Balcony', 'A', number)),
      ],
    },
    { ...seatItem('Loge', [], 900), quantity: 1, seats: [seat('Loge links', '1', 'Loge links 3')] },
    { ...seatItem('Standing', [], 700), quantity: 3, area: 'Floor', rate: 'Member' },
    { ...seatItem('Parking', [], 100), quantity: 1 },
  ]
  const told = flat(confirmationMail(mailedBooking({ items }), LINKS))
  expect(told).toContain('Seats: row 1 seats 5–7, 5A, Balcony row A seats 2, 3, and Loge links row 1 seat Loge links 3')
  expect(told).toContain('Places: 3 × Floor, Member')
  expect(told).toContain('Tickets: 1 × Parking')
  expect(told).toContain('6 × Premium, Child')
  expect(told).not.toContain('label')
})

test('an event that takes longer than a day is shown with its end', () => {
  const festival = mailedBooking({ endsAt: new Date('2026-11-29T23:00:00Z') })
  const span = 'Friday, 27 November 2026, 20:00 to Sunday, 29 November 2026, 23:00 Lisbon time'
  expect(flat(confirmationMail(festival, LINKS))).toContain(span)
})

test('a discount is told with the promo code it comes from', () => {
  const told = flat(confirmationMail(mailedBooking({ promoCode: 'FRIENDS' }), LINKS))
  expect(told).toMatch(/Discount \(FRIENDS\) +-3\.90 EUR/)
  expect(flat(confirmationMail(mailedBooking(), LINKS))).toMatch(/Discount +-3\.90 EUR/)
})

describe('a cancellation', () => {
  const told = (changes: Parameters<typeof mailedCancellation>[0]) =>
    cancellationMail(mailedBooking({ status: 'cancelled' }), mailedCancellation(changes))

  test.each([
    [{ reason: 'customer' }, 'Hello Ada Lovelace, your booking was cancelled, as you asked.'],
    [{ reason: 'organizer' }, 'the organizer, Farol Cinema, had to cancel your booking.'],
    [
      { reason: 'organizer', calledOff: 'The stage burnt down' },
      'The Lighthouse Keepers on Friday, 27 November 2026 has been cancelled by its organizer, Farol Cinema',
    ],
  ] as const)('of %o says so', (changes, why) => {
    expect(flat(told(changes))).toContain(why)
    expect(told(changes).html).toContain(why)
  })

  test('of a show that does not take place says so in its subject, with the date', () => {
    expect(told({ calledOff: 'Rain' }).subject).toBe(
      'Cancelled: The Lighthouse Keepers on Friday, 27 November 2026 (K7QXM2PA)',
    )
    expect(told({}).subject).toBe('Cancelled: The Lighthouse Keepers (K7QXM2PA)')
  })

  test.each([
    [{ paid: 0, returned: 0 }, 'You were not charged'],
    [{}, '36.15 EUR, all that you paid, is refunded to your payment method.'],
    [
      { reason: 'customer', returned: 3510 },
      /35\.10 EUR of the 36\.15 EUR that you paid is refunded .* The booking fee of 1\.05 EUR is not refunded\./,
    ],
    [
      { reason: 'customer', returned: 1755 },
      /17\.55 EUR of the 36\.15 EUR .* The other 18\.60 EUR is not refunded, by the terms of this booking\./,
    ],
    [
      { reason: 'customer', returned: 0 },
      'By the terms of this booking, nothing of the 36.15 EUR that you paid is refunded.',
    ],
    [{ returned: 0 }, 'As the organizer decided, nothing of the 36.15 EUR that you paid is refunded.'],
    [{ returned: 0, refundFailed: true }, 'You paid 36.15 EUR. Refunding it did not succeed at once'],
    [{ paid: 3615, returnedBefore: 3615, returned: 0 }, 'You paid 36.15 EUR, which was refunded before.'],
  ] as const)('of %o says what happens with the money', (changes, says) => {
    expect(flat(told(changes))).toMatch(says)
  })

  test.each([
    [
      { returned: 1472 },
      'You paid 24.72 EUR, of which 10.00 EUR was refunded before. Now the rest, 14.72 EUR, is refunded',
    ],
    [
      { reason: 'customer', returned: 1400 },
      /was refunded before\. Of the rest, 14\.00 EUR is refunded .* The booking fee of 0\.72 EUR is not refunded\./,
    ],
    [{ reason: 'customer', returned: 0 }, 'By the terms of this booking, nothing of the other 14.72 EUR is refunded.'],
    [{ returned: 0, refundFailed: true }, 'was refunded before. Refunding the rest did not succeed at once'],
  ] as const)('after a partial refund tells of %o what it sends back itself', (changes, says) => {
    const mail = told({ paid: 2472, fee: 72, returnedBefore: 1000, ...changes })
    expect(flat(mail)).toMatch(says)
    expect(flat(mail)).not.toContain('24.72 EUR, all that you paid')
  })

  test('of what was paid by hand sends nothing to a card', () => {
    const mail = flat(told({ byHand: true }))
    expect(mail).toContain('36.15 EUR, all that you paid, is refunded to you by the organizer, by hand')
    expect(mail).not.toMatch(/payment method|your bank/)
  })

  test('promises no other mail', () => {
    expect(flat(told({}))).not.toContain('another mail')
  })

  test('tells the reason that the organizer gave, as words on one line', () => {
    const { text, html } = told({ calledOff: ' The projector\r\nbroke:\u202e at 20:30\u200b. ' })
    expect(text).toContain('Reason: “The projector broke: at 20:30.”')
    expect(html).toContain('“The projector broke: at 20:30.”')
  })

  test.each([
    'See https://evil.example/refund',
    'Write to refunds@evil.example',
    'Look at evil.example',
    'Look at evil\u200b.\u2060example',
    'mailto:evil',
    'The organizer has cancelled it.',
    ' \u202e ',
  ])('keeps the reason %j to itself', (calledOff) => {
    const { text, html } = told({ calledOff })
    expect(text).not.toContain('Reason:')
    expect(`${text} ${html}`).not.toContain('evil')
  })
})

describe('a refund', () => {
  test('says how much, and whether the booking still stands', () => {
    const kept = refundMail(mailedBooking(), { amount: 500, currency: 'EUR', byHand: false })
    expect(kept.subject).toBe('5.00 EUR refunded: The Lighthouse Keepers (K7QXM2PA)')
    expect(kept.text).toContain('still valid')
    const gone = refundMail(mailedBooking({ status: 'cancelled' }), { amount: 500, currency: 'JPY', byHand: false })
    expect(gone.html).toContain('500 JPY')
    expect(gone.html).toContain('is cancelled')
  })

  test.each([
    [
      { status: 'pending', heldUntil: new Date('2026-11-26T17:32:00Z') },
      'is not paid yet. It has tickets once it is paid. Its places are held for you until Thursday, 26 November 2026, 17:32 Lisbon time.',
    ],
    [{ status: 'pending' }, 'is not paid yet. It has tickets once it is paid.'],
    [{ status: 'completed' }, 'The booking was used, and it does not change.'],
    [{ status: 'no_show' }, 'The booking was closed because its tickets were not used: they are no longer valid.'],
    [{ status: 'cancelled' }, 'The booking is cancelled.'],
  ] as const)('of a booking that is %o says what there is, and nothing of valid tickets', (changes, says) => {
    const mail = refundMail(mailedBooking(changes), { amount: 500, currency: 'EUR', byHand: false })
    expect(flat(mail)).toContain(says)
    expect(mail.html).toContain(says)
    expect(flat(mail)).not.toContain('still valid')
  })

  test('of what was paid by hand is the organizer’s to hand over, and claims nothing else', () => {
    const mail = refundMail(mailedBooking(), { amount: 500, currency: 'EUR', byHand: true })
    expect(mail.subject).toBe('5.00 EUR to be refunded: The Lighthouse Keepers (K7QXM2PA)')
    expect(flat(mail)).toContain('the organizer refunds 5.00 EUR by hand')
    expect(`${flat(mail)} ${mail.html}`).not.toMatch(/have refunded|on its way|your bank/)
  })
})

describe('a move', () => {
  test('tells from when and where to when and where', () => {
    const { subject } = moveMail(mailedBooking(), BEFORE)
    expect(subject).toBe('Moved: The Lighthouse Keepers (K7QXM2PA)')
    expect(flat(moveMail(mailedBooking(), BEFORE))).toContain(
      'The Lighthouse Keepers has moved from Friday, 20 November 2026, 20:00 Lisbon time to ' +
        'Friday, 27 November 2026, 20:00 Lisbon time, and from Cinema Velho to Farol Cinema.',
    )
    const { startsAt } = mailedBooking()
    expect(flat(moveMail(mailedBooking(), { ...BEFORE, startsAt }))).toContain(
      'has moved from Cinema Velho to Farol Cinema.',
    )
  })

  test('is none where it is when and where it was', () => {
    const { startsAt, timeZone, venue } = mailedBooking()
    expect(hasMoved(mailedBooking(), { startsAt, timeZone, venue })).toBe(false)
    expect(hasMoved(mailedBooking(), { startsAt, timeZone: 'Europe/Madrid', venue })).toBe(true)
  })
})

describe.each(KINDS)('whom to ask, in a %s', (_kind, write) => {
  test('is named in both versions where there is somebody', () => {
    const { text, html } = write(mailedBooking({ contact: "o'neill+farol@example.org" }))
    expect(text.replaceAll(/\s+/g, ' ')).toContain(
      "It was sent automatically. Questions? Answer this mail, or write to o'neill+farol@example.org ",
    )
    expect(text).not.toContain('nobody reads')
    expect(html).toContain(`href="mailto:o&#39;neill%2Bfarol@example.org"`)
    expect(html).toContain('>o&#39;neill+farol@example.org</a>')
  })

  test('is nobody otherwise, and the mail says so', () => {
    const { text, html } = write(mailedBooking())
    for (const version of [text.replaceAll(/\s+/g, ' '), html]) {
      expect(version).toContain('It was sent automatically; nobody reads replies to it.')
      expect(version).not.toMatch(/Questions|mailto:/)
    }
  })
})

describe('answers', () => {
  const content = confirmationMail(mailedBooking(), LINKS)

  test('go to whom the mail names, and to no one else', async () => {
    const mail = await sent(content, { replyTo: 'kino@example.org' })
    expect(mail.replyTo?.value).toEqual([{ name: '', address: 'kino@example.org' }])
    expect(mail.from?.text).toBe('"Farol" <tickets@farol.example>')
    expect((await sent(content)).headers.has('reply-to')).toBe(false)
  })

  test('take no header from what got past every door', async () => {
    for (const replyTo of [
      'kino@example.org\r\nBcc: eve@example.org',
      'kino@example.org\nBcc: eve@example.org',
      'kino@example.org, eve@example.org',
    ]) {
      const { headers, replyTo: answers } = await sent(content, { replyTo })
      expect(headers.has('bcc')).toBe(false)
      expect(answers?.value).toHaveLength(1)
    }
  })
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
        items: [seatItem(NASTY, [NASTY], 1)],
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
