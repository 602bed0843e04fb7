import { expect, test } from 'vitest'
import { openParts } from '@boxoffice/core/runtime/open-parts.ts'

/** Notes what is closed, in order. */
function noteClosings() {
  const closed: string[] = []
  return { closed, close: (name: string) => () => void closed.push(name) }
}

test('the last part that was opened is closed first', async () => {
  const { closed, close } = noteClosings()
  const running = await openParts(async (parts) => {
    parts.defer(close('pools'))
    parts.defer(close('transport'))
    parts.defer(close('server'))
    return { port: 80 }
  })
  expect(running.port).toBe(80)
  expect(closed).toEqual([])
  await running.stop()
  expect(closed).toEqual(['server', 'transport', 'pools'])
})

test('a part that is opened late may be closed late, in the place that was kept for it', async () => {
  const { closed, close } = noteClosings()
  const running = await openParts(async (parts) => {
    parts.defer(close('pools'))
    const place = parts.use(new AsyncDisposableStack())
    parts.defer(close('transport'))
    place.defer(close('probes'))
    return {}
  })
  await running.stop()
  expect(closed).toEqual(['transport', 'probes', 'pools'])
})

test('when opening fails half way, what was opened is closed before the failure is told', async () => {
  const { closed, close } = noteClosings()
  const opening = openParts(async (parts) => {
    parts.defer(close('pools'))
    parts.defer(async () => {
      await Promise.resolve()
      close('transport')()
    })
    throw new Error('the port is taken')
  })
  await expect(opening).rejects.toThrow('the port is taken')
  expect(closed).toEqual(['transport', 'pools'])
})

test('a part that cannot be closed keeps neither the others from it nor hides why opening failed', async () => {
  const { closed, close } = noteClosings()
  const opening = openParts(async (parts) => {
    parts.defer(close('pools'))
    parts.defer(() => Promise.reject(new Error('it does not close')))
    throw new Error('the port is taken')
  })
  await expect(opening).rejects.toThrow('the port is taken')
  expect(closed).toEqual(['pools'])
})

test('a failed start does not wait for a part that hangs for longer than its bound', async () => {
  const opening = openParts(async (parts) => {
    parts.defer(() => new Promise(() => {}))
    throw new Error('the port is taken')
  }, 20)
  await expect(opening).rejects.toThrow('the port is taken')
})

test('a part that cannot be closed fails the stop, with the others closed', async () => {
  const { closed, close } = noteClosings()
  const running = await openParts(async (parts) => {
    parts.defer(close('pools'))
    parts.defer(() => Promise.reject(new Error('it does not close')))
    return {}
  })
  await expect(running.stop()).rejects.toThrow('it does not close')
  expect(closed).toEqual(['pools'])
})
