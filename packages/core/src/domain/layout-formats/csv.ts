/** One record of a CSV file. */
export interface CsvRecord {
  /** Line on which it begins, from 1. */
  readonly line: number
  readonly cells: readonly string[]
  /** Mistake in its form, as a part of a sentence; `null` if there is none. */
  readonly problem: string | null
}

/** A record of more cells than this is cut off: no file that is read here has as many columns. */
const MAX_CELLS = 50

/**
 * Yields the records of a CSV file (RFC 4180): cells may be in quotes, which are doubled within, and then hold line breaks.
 * Lines end with CR LF, LF or CR. Empty lines are passed over.
 */
export function* csvRecords(text: string, delimiter: string): Generator<CsvRecord, void, undefined> {
  let at = 0
  let line = 1
  while (at < text.length) {
    const first = line
    const cells: string[] = []
    let problem: string | null = null
    for (;;) {
      const cell = text[at] === '"' ? quotedCell(text, at) : { text: '', end: at, breaks: 0, problem: null }
      const end = endOfCell(text, cell.end, delimiter)
      const plain = text.slice(cell.end, end)
      if (cell.problem !== null) problem ??= cell.problem
      else if (plain.includes('"')) problem ??= 'a quote within a cell must be doubled, and the whole cell be in quotes'
      else if (text[at] === '"' && plain !== '') problem ??= 'there is text behind a closing quote'
      if (cells.length < MAX_CELLS) cells.push(`${cell.text}${plain}`)
      line += cell.breaks
      at = end
      if (text[at] !== delimiter) break
      at += 1
    }
    if (text[at] === '\r') at += 1
    if (text[at] === '\n') at += 1
    line += 1
    const isEmpty = cells.length === 1 && cells[0]?.trim() === ''
    if (!isEmpty || problem !== null) yield { line: first, cells, problem }
  }
}

interface QuotedCell {
  readonly text: string
  readonly end: number
  /** Line breaks within. */
  readonly breaks: number
  readonly problem: string | null
}

function quotedCell(text: string, start: number): QuotedCell {
  const parts: string[] = []
  let from = start + 1
  for (;;) {
    const quote = text.indexOf('"', from)
    const isOpen = quote === -1
    const end = isOpen ? text.length : quote
    parts.push(text.slice(from, end))
    if (!isOpen && text[quote + 1] === '"') {
      parts.push('"')
      from = quote + 2
      continue
    }
    const cell = parts.join('')
    const breaks = cell.match(/\r\n|\n|\r/g)?.length ?? 0
    return { text: cell, end: isOpen ? end : end + 1, breaks, problem: isOpen ? 'a quote is not closed' : null }
  }
}

function endOfCell(text: string, start: number, delimiter: string): number {
  let end = start
  while (end < text.length && text[end] !== delimiter && text[end] !== '\n' && text[end] !== '\r') end += 1
  return end
}
