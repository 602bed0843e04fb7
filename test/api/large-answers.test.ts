import { createServer } from 'node:http'
import { connect, type Socket } from 'node:net'
import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { sendCachedJson } from '../../apps/api/src/answers/conditional.ts'
import { eventually } from '../support/eventually.ts'

const READERS = 20
const BODY_BYTES = 8 * 1024 * 1024

/**
 * Returns by how many bytes the process grows once `READERS` readers have asked for the body and read nothing of it.
 */
async function heldFor(answer: (response: Parameters<typeof sendCachedJson>[1]) => void): Promise<number> {
  let answered = 0
  const server = createServer((_request, response) => {
    answer(response)
    answered += 1
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const sockets: Socket[] = []
  const before = process.memoryUsage.rss()
  try {
    for (let reader = 0; reader < READERS; reader += 1) {
      const socket = connect(port, '127.0.0.1')
      socket.pause()
      socket.write('GET / HTTP/1.1\r\nHost: test\r\n\r\n')
      sockets.push(socket)
    }
    await eventually(() => {
      if (answered < READERS) throw new Error(`${answered} were answered`)
    })
    return process.memoryUsage.rss() - before
  } finally {
    for (const socket of sockets) socket.destroy()
    server.closeAllConnections()
    server.close()
  }
}

describe('a body that many slow readers are sent', () => {
  const text = JSON.stringify({ a: 'é'.repeat(BODY_BYTES / 2) })
  const parts = [Buffer.from(text)]
  const request = { headers: {} } as Parameters<typeof sendCachedJson>[0]

  test('lies in memory once for each of them where it is a text: the control', async () => {
    expect(await heldFor((response) => void response.end(text))).toBeGreaterThan((READERS * BODY_BYTES) / 2)
  })

  test('lies in memory once', async () => {
    const held = await heldFor((response) => sendCachedJson(request, response, { etag: '"1"', parts }, 'no-cache'))
    expect(held).toBeLessThan((READERS * BODY_BYTES) / 4)
  })
})
