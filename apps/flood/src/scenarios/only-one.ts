/** The only element. Throws where there is none, or another one. */
export function onlyOne<T>(things: readonly T[]): T {
  const [one, ...others] = things
  if (one === undefined || others.length > 0) throw new Error(`one was expected, not ${things.length}`)
  return one
}
