import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { expect, test, onTestFinished } from 'vitest'
import { listen } from '../../apps/api/src/connections/listen.ts'
import { refusePipelined } from '../../apps/api/src/server/pipelined.ts'

/** Serves answers that are made when `answer` is called. */
async function serve(most: number) {
  const begun: ServerResponse[] = []
  const app = (_request: IncomingMessage, response: ServerResponse) => void begun.push(response)
  const listening = await listen(createServer(refusePipelined(app, most)), 0, '127.0.0.1')
  onTestFinished(() => listening.close(0))
  const send = (count: number) => {
    const socket = connect({ port: listening.port, host: '127.0.0.1' })
    onTestFinished(() => void socket.destroy())
    socket.on('error', () => undefined)
    socket.resume()
    let isClosed = false
    socket.once('close', () => (isClosed = true))
    const more = (times: number) => socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(times))
    more(count)
    return { more, isClosed: () => isClosed }
  }
  const answer = () => {
    for (const response of begun) response.end('answer')
  }
  return { send, begun, answer }
}

test('a thousand requests in one packet are all worked on: the control', async () => {
  const { send, begun } = await serve(Number.POSITIVE_INFINITY)
  const client = send(1_000)
  await expect.poll(() => begun.length).toBe(1_000)
  expect(client.isClosed()).toBe(false)
})

test('a connection with more than a few requests behind an unanswered one is closed', async () => {
  const { send, begun } = await serve(16)
  const client = send(1_000)
  await expect.poll(client.isClosed).toBe(true)
  expect(begun.length).toBe(17)
})

test('a few are answered, and then a few more', async () => {
  const { send, begun, answer } = await serve(16)
  const client = send(17)
  for (const round of [1, 2, 3]) {
    await expect.poll(() => begun.length).toBe(17 * round)
    answer()
    await expect.poll(() => begun.every(({ closed }) => closed)).toBe(true)
    client.more(17)
  }
  expect(client.isClosed()).toBe(false)
})
