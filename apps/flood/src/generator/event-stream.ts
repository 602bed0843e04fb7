export interface ServerEvent {
  readonly event: string
  readonly data: string
}

/**
 * Takes server-sent events apart as the API writes them (WHATWG HTML section 9.2, without what it never sends: carriage
 * returns and data of several lines). Returns the events that a chunk completes.
 */
export function eventReader(): (chunk: string) => ServerEvent[] {
  let rest = ''
  return (chunk) => {
    const blocks = (rest + chunk).split('\n\n')
    rest = blocks.pop() ?? ''
    return blocks.flatMap((block) => {
      const fields = new Map(block.split('\n').map(fieldOf))
      const data = fields.get('data')
      return data === undefined ? [] : [{ event: fields.get('event') ?? 'message', data }]
    })
  }
}

function fieldOf(line: string): [name: string, value: string] {
  const colon = line.indexOf(':')
  return [line.slice(0, colon), line.slice(colon + 1).trimStart()]
}
