/** Markup that may stand in a page as it is. Only `markup` makes it. */
export interface Markup {
  readonly markup: string
}

export type Content = Markup | string | number | null | readonly Content[]

/**
 * Makes HTML and SVG, as a template tag: what is put in is escaped, unless it is markup itself; `null` is nothing. What
 * it makes is well-formed as XML too, as long as the templates close their tags.
 */
export function markup(strings: TemplateStringsArray, ...contents: readonly Content[]): Markup {
  const parts = strings.map((text, index) => {
    const content = contents[index]
    return text + (content === undefined ? '' : render(content))
  })
  return { markup: parts.join('') }
}

function render(content: Content): string {
  if (content === null) return ''
  if (typeof content === 'string') return escapeText(content)
  if (typeof content === 'number') return String(content)
  return 'markup' in content ? content.markup : content.map(render).join('')
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/**
 * Escapes for text and for attributes in either kind of quotes. Control characters, which XML forbids, become U+FFFD.
 */
function escapeText(text: string): string {
  return text
    .toWellFormed()
    .replace(/[^\P{Cc}\t\n\r]/gu, '\uFFFD')
    .replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character)
}
