const TOKEN = /<(\/?)([A-Za-z][\w-]*)((?:\s+[A-Za-z][\w:-]*="[^"<>]*")*)\s*(\/?)>|([^<>]+)/y
const ATTRIBUTE = /([A-Za-z][\w:-]*)="([^"]*)"/g
const BARE_AMPERSAND = /&(?!(?:amp|lt|gt|quot|#39);)/
/** Whatever makes a browser ask for something or run something. */
const REACHES_OUT = /^(?:src|srcset|href|xlink:href|action|data|poster|background|ping|on\w+)$/i
const LEAKS = /NaN|Infinity|undefined|\[object/

/**
 * Tells what is wrong with a page, one sentence each: markup that is not well-formed as XML, ids that are used twice or
 * point nowhere, references to the outside, scripts, and values that should never be seen.
 */
export function findMarkupProblems(page: string): string[] {
  const doctype = '<!doctype html>\n'
  if (!page.startsWith(doctype)) return ['no doctype']
  const problems: string[] = []
  const open: string[] = []
  const ids = new Set<string>()
  const pointers: string[] = []
  const note = (place: number, what: string) =>
    void problems.push(`${what} at ${page.slice(Math.max(0, place - 30), place + 60)}`)
  TOKEN.lastIndex = doctype.length
  while (TOKEN.lastIndex < page.length) {
    const place = TOKEN.lastIndex
    const match = TOKEN.exec(page)
    if (match === null) {
      note(place, 'not well-formed')
      return problems
    }
    const [, closing, name = '', attributes = '', selfClosing, text = ''] = match
    if (BARE_AMPERSAND.test(text) || BARE_AMPERSAND.test(attributes)) note(place, 'a bare ampersand')
    if (LEAKS.test(text) || LEAKS.test(attributes)) note(place, 'a value that is none')
    if (open.at(-1) === 'style' && /url\(|@import/i.test(text)) note(place, 'a style that reaches out')
    if (name === '') continue
    if (closing === '/') {
      if (open.pop() !== name) note(place, `</${name}> closes something else`)
      continue
    }
    if (/^(?:script|link|iframe|object|embed|img|image|base|form)$/i.test(name)) note(place, `<${name}>`)
    const seen = new Set<string>()
    for (const [, attribute = '', value = ''] of attributes.matchAll(ATTRIBUTE)) {
      if (seen.has(attribute)) note(place, `${attribute} twice`)
      seen.add(attribute)
      if (REACHES_OUT.test(attribute)) note(place, `${attribute}=`)
      if (attribute === 'aria-labelledby') pointers.push(...value.split(' '))
      if (attribute !== 'id') continue
      if (ids.has(value)) note(place, `the id ${value} twice`)
      ids.add(value)
    }
    if (selfClosing !== '/') open.push(name)
  }
  for (const name of open) problems.push(`<${name}> is not closed`)
  for (const id of pointers) if (!ids.has(id)) problems.push(`nothing has the id ${id}`)
  return problems
}
