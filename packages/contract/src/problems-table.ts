import { PROBLEMS } from '@boxoffice/core/domain/problems.ts'

const HEADER = ['code', 'status', 'when']

/** Returns the problems as a Markdown table, formatted as oxfmt does. */
function problemsTable(): string {
  const rows = Object.entries(PROBLEMS).map(([code, { status, when }]) => [`\`${code}\``, String(status), when])
  const widths = HEADER.map((name, column) => Math.max(name.length, ...rows.map((row) => row[column]?.length ?? 0)))
  const line = (cells: readonly string[], filler = ' ') =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0, filler)).join(' | ')} |`
  return [line(HEADER), line(['', '', ''], '-'), ...rows.map((row) => line(row))].join('\n')
}

/** Returns the document with the first table below `## Problems` replaced. Throws where there is none. */
export function withProblemsTable(document: string): string {
  const table = /(\n## Problems\n[^|]*)(?:\|.*\n)+/
  if (!table.test(document)) throw new Error('there is no table of problems')
  return document.replace(table, (_, before: string) => `${before}${problemsTable()}\n`)
}
