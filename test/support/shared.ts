import { afterAll, beforeAll } from 'vitest'

/**
 * Opens something before the tests of this file, or of the `describe` around the call, and closes it after them. The
 * returned object stands for it: its members are there as soon as the tests run. Of several calls the first is opened
 * first and closed last, so a later one may use it.
 */
export function shared<T extends object>(open: () => T | Promise<T>, close: (opened: T) => unknown = () => {}): T {
  let opened: T | undefined
  const current = (): T => {
    if (opened === undefined) throw new Error('what tests share is opened before they run, and not yet when they load')
    return opened
  }
  beforeAll(async () => {
    opened = await open()
  })
  afterAll(async () => {
    if (opened !== undefined) await close(opened)
  })
  const standIn: Partial<T> = {}
  return new Proxy(standIn, {
    get: (_, name) => Reflect.get(current(), name),
    set: (_, name, value) => Reflect.set(current(), name, value),
    has: (_, name) => Reflect.has(current(), name),
    ownKeys: () => Reflect.ownKeys(current()),
    getOwnPropertyDescriptor: (_, name) => Reflect.getOwnPropertyDescriptor(current(), name),
  }) as T
}
