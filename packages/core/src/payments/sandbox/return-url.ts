/** Returns whether a browser may be sent there: a `javascript:` address would run as the page. */
export function isWebUrl(text: string): boolean {
  const protocol = URL.parse(text)?.protocol
  return protocol === 'http:' || protocol === 'https:'
}
