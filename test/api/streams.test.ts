import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { OpenWaits } from '../../apps/api/src/streams/open-waits.ts'
import { EventStreams } from '../../apps/api/src/streams/sse.ts'
import { eventually } from '../support/eventually.ts'
import { openStream } from '../support/event-stream.ts'

async function serve(handle: (response: ServerResponse) => void): Promise<{ port: number; close(): void }> {
  const server = createServer((_request, response) => handle(response)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const close = () => {
    server.closeAllConnections()
    server.close()
  }
  return { port, close }
}

/** Returns a response whose client left while the server was still working on the answer. */
async function abandonedResponse(): Promise<{ response: ServerResponse; close(): void }> {
  const arrived = Promise.withResolvers<ServerResponse>()
  const { port, close } = await serve(arrived.resolve)
  const socket = connect(port, '127.0.0.1')
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  const response = await arrived.promise
  const left = once(response, 'close')
  socket.destroy()
  await left
  return { response, close }
}

describe('a stream', () => {
  it('brings a snapshot of any size, and more in the same turn', async () => {
    const streams = new EventStreams()
    const taken = Array.from({ length: 100_000 }, (_, index) => `AA${index}`)
    const { port, close } = await serve((response) => {
      const stream = streams.open(response)
      stream.send('snapshot', { taken }, 1)
      stream.send('change', { taken: ['A1'] }, 2)
    })
    try {
      const stream = await openStream(`http://127.0.0.1:${port}/`)
      expect((await stream.next()).data).toEqual({ taken })
      expect(await stream.next()).toMatchObject({ event: 'change', id: '2' })
      stream.close()
    } finally {
      streams.close()
      close()
    }
  })

  it('has nothing more to say to HEAD', async () => {
    const streams = new EventStreams()
    const { port, close } = await serve((response) => streams.open(response).send('snapshot', {}, 1))
    try {
      const response = await fetch(`http://127.0.0.1:${port}/`, { method: 'HEAD' })
      expect(response.headers.get('content-type')).toBe('text/event-stream')
      expect(streams.size).toBe(0)
    } finally {
      streams.close()
      close()
    }
  })

  it('is dropped when its client does not read', async () => {
    const streams = new EventStreams()
    const opened = Promise.withResolvers<ReturnType<EventStreams['open']>>()
    const { port, close } = await serve((response) => opened.resolve(streams.open(response)))
    const socket = connect(port, '127.0.0.1')
    try {
      socket.on('error', () => {})
      socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
      socket.pause()
      const stream = await opened.promise
      const closed = new Promise<void>((resolve) => stream.onClose(resolve))
      let sent = 0
      await eventually(async () => {
        stream.send('change', 'x'.repeat(100_000))
        sent += 100_000
        await pause(1)
        if (streams.size > 0) throw new Error('still open')
      })
      await closed
      expect(sent).toBeLessThan(50_000_000)
    } finally {
      socket.destroy()
      streams.close()
      close()
    }
  })

  it('is not kept for a client that left before it was opened', async () => {
    const streams = new EventStreams()
    const { response, close } = await abandonedResponse()
    let told = false
    streams.open(response).onClose(() => {
      told = true
    })
    expect(told).toBe(true)
    expect(streams.size).toBe(0)
    close()
  })
})

describe('a wait', () => {
  it('ends at once for a client that left before it began', async () => {
    const { response, close } = await abandonedResponse()
    await expect(new OpenWaits().during(response, (signal) => Promise.resolve(signal.aborted))).resolves.toBe(true)
    close()
  })
})
