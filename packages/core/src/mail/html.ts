/** Text that is markup already. Only `html` makes it. */
export class Markup {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

type Content = Markup | string | number | null | readonly Content[]

/**
 * Returns markup with values put in: text is escaped, for elements' content and quoted attributes alike, so that text
 * from people stays text. `null` is nothing, a list is its items one after the other.
 */
export function html(parts: TemplateStringsArray, ...values: readonly Content[]): Markup {
  const [first = '', ...rest] = parts
  return new Markup(rest.reduce((text, part, index) => text + render(values[index] ?? null) + part, first))
}

function render(content: Content): string {
  if (content instanceof Markup) return content.text
  if (content === null) return ''
  if (typeof content === 'string' || typeof content === 'number') return escape(String(content))
  return content.map(render).join('')
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

const escape = (text: string) => text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? character)
