import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { expect, it } from 'vitest'
import { sharedDatabase } from '../support/database.ts'
import { startProcess } from '../support/process.ts'

const CONNECTIONS = 1_500

const db = sharedDatabase()

it('everybody of a rush gets a connection while the API is busy, and then an answer', async () => {
  const api = await startProcess('api', { DATABASE_URL: db.url })
  const sockets: Socket[] = []
  try {
    api.freeze()
    const connected = Promise.all(
      Array.from({ length: CONNECTIONS }, async () => {
        const socket = connect({ host: '127.0.0.1', port: Number(new URL(api.url).port) })
        sockets.push(socket)
        await once(socket, 'connect')
      }),
    )
    connected.catch(() => {})
    // A client whose connection the kernel drops retries after a second, then after two, and so on.
    const late = new Promise<string>((resolve) => void setTimeout(() => resolve('some still wait'), 5_000).unref())
    expect(await Promise.race([connected.then(() => 'all are connected'), late])).toBe('all are connected')
    api.resume()
    const answers = await Promise.all(
      sockets.map(async (socket) => {
        socket.write('GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
        const [chunk] = (await once(socket, 'data')) as [Buffer]
        return chunk.toString('latin1', 0, 12)
      }),
    )
    expect(new Set(answers)).toEqual(new Set(['HTTP/1.1 200']))
  } finally {
    for (const socket of sockets) socket.destroy()
    await api.kill()
  }
})
