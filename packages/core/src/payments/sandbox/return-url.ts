/** Whether a browser may be sent there: a `javascript:` address would run in the page's own name. */
export function isWebUrl(text: string): boolean {
  const protocol = URL.parse(text)?.protocol
  return protocol === 'http:' || protocol === 'https:'
}
