import { type Content, type Markup, markup } from './markup.ts'
import { STYLE_SHEET } from './style-sheet.ts'

/**
 * Renders a whole page that needs nothing but itself. Its content security policy forbids scripts and every address, so
 * that nothing in a result file can make a reader's browser ask for anything.
 */
export function renderPage(title: string, body: readonly Content[]): string {
  const page = markup`<html lang="en">
<head>
<meta charset="utf-8" />
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'" />
<meta name="viewport" content="width=device-width, initial-scale=1" />
<meta name="color-scheme" content="light dark" />
<title>${title}</title>
<style>${{ markup: STYLE_SHEET }}</style>
</head>
<body>
<main>
${body}</main>
</body>
</html>
`
  return `<!doctype html>\n${page.markup}`
}

export function renderSection(title: string, ...content: readonly Content[]): Markup {
  return markup`<section>
<h2>${title}</h2>
${content}</section>
`
}

/**
 * Renders a table: the first column names the row, the others are numbers or words. Wide tables scroll by themselves.
 * The caption stands outside, since a table makes its own wrap at the width of its columns.
 */
export function renderTable(
  caption: string,
  header: readonly string[],
  rows: readonly (readonly Content[])[],
  columns: 'numbers' | 'words' = 'numbers',
): Markup {
  return markup`<p class="caption">${caption}</p>
<div class="scroll" role="region" aria-label="${caption}" tabindex="0">
<table class="${columns}">
<thead><tr>${header.map((name) => markup`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>
${rows.map(
  ([first = '', ...cells]) =>
    markup`<tr><th scope="row">${first}</th>${cells.map((cell) => markup`<td>${cell}</td>`)}</tr>
`,
)}</tbody>
</table>
</div>
`
}

export const renderList = (name: string, sentences: readonly string[]): Markup | null =>
  sentences.length === 0
    ? null
    : markup`<ul class="${name}">${sentences.map((sentence) => markup`<li>${sentence}</li>`)}</ul>
`
