import fc from 'fast-check'
import { expect, it } from 'vitest'
import { readEventStream } from '../../packages/client/src/event-stream.ts'

const TEXT = [
  ': a comment\n\n',
  'id: 1\nevent: snapshot\ndata: {"version":1}\n\n',
  'id: 2\r\nevent: change\r\ndata: one\r\ndata: two\r\n\r\n',
  'data: no name\n\n',
  'event: nothing\n\n',
  'data:ünïcödé 🎬\n\n',
  'data: cut off',
].join('')

const EVENTS = [
  { event: 'snapshot', data: '{"version":1}', id: '1' },
  { event: 'change', data: 'one\ntwo', id: '2' },
  { event: 'message', data: 'no name', id: '2' },
  { event: 'message', data: 'ünïcödé 🎬', id: '2' },
]

it('reads the same events, wherever the bytes are cut', async () => {
  const bytes = new TextEncoder().encode(TEXT)
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: bytes.length })), async (cuts) => {
      const edges = [0, ...cuts.toSorted((a, b) => a - b), bytes.length]
      const body = new ReadableStream<Uint8Array>({
        start: (controller) => {
          for (const [index, edge] of edges.slice(1).entries()) controller.enqueue(bytes.slice(edges[index], edge))
          controller.close()
        },
      })
      expect(await Array.fromAsync(readEventStream(body))).toEqual(EVENTS)
    }),
  )
})
