import { html, type Markup } from './html.ts'
import { button, frame, panel, paragraph, small, table } from './letter-html.ts'
import type { MailContent } from './mailed-booking.ts'

/** A part of a mail, written once and set twice: as HTML, and as plain text. */
export type Block =
  | { readonly kind: 'paragraph'; readonly text: string }
  /** Names and what they stand for, such as what takes place, where and when. */
  | { readonly kind: 'facts'; readonly facts: readonly Fact[] }
  | { readonly kind: 'amounts'; readonly rows: readonly AmountRow[] }
  /** The one thing that the mail asks its reader to do. */
  | { readonly kind: 'action'; readonly label: string; readonly url: string }
  /** Note below the rest, in small letters. */
  | { readonly kind: 'note'; readonly text: string; readonly url?: string }

export interface Fact {
  readonly name: string
  readonly value: string
  /** Addition below the value, less prominent. */
  readonly more?: string
}

export interface AmountRow {
  readonly what: string
  /** Addition below it, less prominent. */
  readonly more?: string
  readonly amount: string
  readonly isTotal?: boolean
}

export interface Letter {
  readonly subject: string
  /** Text that mailboxes show beside the subject. */
  readonly preview: string
  readonly heading: string
  readonly blocks: readonly Block[]
  readonly footer: Footer
}

export interface Footer {
  /** Sender of the mail and reason for it. */
  readonly text: string
  /** E-mail address of whoever answers questions; `null` where nobody does. */
  readonly contact: string | null
}

const MAX_SUBJECT = 150
const LINE = 72
const QUESTIONS = 'Questions? Answer this mail, or write to'

/** Sets a letter in HTML and in plain text. What people wrote stays text in both. */
export function setLetter(letter: Letter): MailContent {
  return { subject: subjectLine(letter.subject), text: plainText(letter), html: htmlText(letter) }
}

const SPACES = /[\p{White_Space}\p{Cc}]+/gu
/** They show nothing, but some turn the direction of what follows, and make one text look like another. */
const DIRECTIONS = /[\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu

/** Returns text from people on one line: without line breaks nothing of it becomes a header or a line of its own. */
const oneLine = (text: string) => text.toWellFormed().replaceAll(DIRECTIONS, '').replaceAll(SPACES, ' ').trim()

function subjectLine(text: string): string {
  const characters = [...oneLine(text)]
  return characters.length <= MAX_SUBJECT ? characters.join('') : `${characters.slice(0, MAX_SUBJECT - 1).join('')}…`
}

function htmlText({ subject, preview, heading, blocks, footer }: Letter): string {
  return frame({
    title: subjectLine(subject),
    preview: oneLine(preview),
    heading: oneLine(heading),
    content: blocks.map(htmlBlock),
    footer: htmlFooter(footer),
  }).text
}

function htmlFooter({ text, contact }: Footer): Markup {
  if (contact === null) return html`${oneLine(text)}`
  return html`${oneLine(text)}<br />${QUESTIONS}
    <a href="${mailto(contact)}" class="quiet" style="color:#5f5c69">${contact}</a>`
}

/** Returns the link to an address, whose characters may have a meaning in a URL (RFC 6068). */
function mailto(address: string): string {
  return `mailto:${address.split('@').map(encodeURIComponent).join('@')}`
}

function htmlBlock(block: Block): Markup {
  switch (block.kind) {
    case 'paragraph':
      return paragraph(oneLine(block.text))
    case 'facts':
      return panel(
        block.facts.map(({ name, value, more }) => ({
          name,
          value: oneLine(value),
          more: more === undefined ? null : oneLine(more),
        })),
      )
    case 'amounts':
      return table(
        block.rows.map(({ what, more, amount, isTotal = false }) => ({
          what: oneLine(what),
          more: more === undefined ? null : oneLine(more),
          amount,
          isTotal,
        })),
      )
    case 'action':
      return button(block.label, block.url)
    case 'note':
      return small(
        block.url === undefined
          ? html`${oneLine(block.text)}`
          : html`${oneLine(block.text)} <a href="${block.url}" class="quiet" style="color:#5f5c69">${block.url}</a>`,
      )
  }
}

function plainText({ heading, blocks, footer }: Letter): string {
  const parts = [oneLine(heading), '='.repeat(Math.min(LINE, [...oneLine(heading)].length)), '']
  for (const block of blocks) parts.push(plainBlock(block), '')
  parts.push('-- ', wrap(oneLine(footer.text)))
  if (footer.contact !== null) parts.push(wrap(`${QUESTIONS} ${footer.contact}`))
  parts.push('')
  return parts.join('\n')
}

function plainBlock(block: Block): string {
  switch (block.kind) {
    case 'paragraph':
      return wrap(oneLine(block.text))
    case 'facts':
      return block.facts.map(plainFact).join('\n')
    case 'amounts':
      return block.rows.map(plainAmount).join('\n')
    case 'action':
      return `${block.label}:\n${block.url}`
    case 'note':
      return block.url === undefined ? wrap(oneLine(block.text)) : `${wrap(oneLine(block.text))}\n${block.url}`
  }
}

const NAME_WIDTH = 12

function plainFact({ name, value, more }: Fact): string {
  const indent = ' '.repeat(NAME_WIDTH)
  const lines = [oneLine(value), ...(more === undefined ? [] : [oneLine(more)])].flatMap((text) =>
    wrap(text, LINE - NAME_WIDTH).split('\n'),
  )
  return lines.map((line, index) => `${index === 0 ? `${name}:`.padEnd(NAME_WIDTH) : indent}${line}`).join('\n')
}

function plainAmount({ what, more, amount, isTotal = false }: AmountRow): string {
  const width = LINE - amount.length - 2
  const lines = wrap(oneLine(what), width).split('\n')
  const last = lines.pop() ?? ''
  const row = `${last.padEnd(width)}  ${amount}`
  return [
    ...(isTotal ? ['-'.repeat(LINE)] : []),
    ...lines,
    row,
    ...(more === undefined
      ? []
      : wrap(oneLine(more), LINE - 4)
          .split('\n')
          .map((line) => `    ${line}`)),
  ].join('\n')
}

/** Lines of at most `width` characters, broken at blanks; a word that is longer keeps a line of its own. */
function wrap(text: string, width = LINE): string {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line].join('\n')
}
