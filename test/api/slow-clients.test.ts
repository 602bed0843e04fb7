import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RunningApp, startApp, tokenFor } from './start-app.ts'

/** Timeouts much shorter than production's, so that tests are quick. */
const PATIENCE = { headersMs: 300, requestMs: 600 }

describe('a client that takes too long', () => {
  let app: RunningApp

  beforeAll(async () => {
    app = await startApp({ patience: PATIENCE })
  })
  afterAll(() => app.close())

  /**
   * Sends `head` and then, now and then, another byte. Resolves with everything received once the connection is cut
   * off.
   */
  async function trickle(head: string): Promise<string> {
    const socket: Socket = connect({ port: app.port, host: '127.0.0.1' })
    let answer = ''
    socket.setEncoding('utf8').on('data', (text: string) => {
      answer += text
    })
    // Writing to a connection that was cut off.
    socket.on('error', () => undefined)
    socket.write(head)
    const drip = setInterval(() => socket.write('x'), 50)
    try {
      await once(socket, 'close')
    } finally {
      clearInterval(drip)
    }
    return answer
  }

  test('to send its headers is answered 408 and cut off', async () => {
    const answer = await trickle('GET /livez HTTP/1.1\r\nHost: x\r\nX-Slow: ')
    expect(answer).toMatch(/^HTTP\/1\.1 408 /)
    expect(answer).toContain('"code":"request_timeout"')
    expect(answer).toContain('Connection: close')
  })

  test('to send its body is answered 408 and cut off', async () => {
    const head = ['POST /v1/booking-requests HTTP/1.1', 'Host: x', 'Content-Type: application/json']
    head.push(`Authorization: Bearer ${await tokenFor('ada')}`, 'Content-Length: 60000', '', '{"resource":"')
    const answer = await trickle(head.join('\r\n'))
    expect(answer.match(/HTTP\/1\.1 /g)).toHaveLength(1)
    expect(answer).toMatch(/^HTTP\/1\.1 408 /)
    expect(answer).toContain('"code":"request_timeout"')
    expect(app.line.submissions).toEqual([])
  })

  test('to send a body that was refused already is cut off too', async () => {
    const head = ['POST /v1/booking-requests HTTP/1.1', 'Host: x', 'Content-Length: 60000', '', '{"resource":"']
    expect(await trickle(head.join('\r\n'))).toMatch(/^HTTP\/1\.1 401 /)
  })

  test('keeps nobody else waiting', async () => {
    const slow = trickle('GET /livez HTTP/1.1\r\nHost: x\r\nX-Slow: ')
    expect((await fetch(`${app.url}/livez`)).status).toBe(200)
    await slow
  })
})

test('waiting for an answer may take longer than sending a request', async () => {
  const app = await startApp({ patience: PATIENCE })
  try {
    const response = await fetch(`${app.url}/v1/booking-requests`, {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${await tokenFor('ada')}`,
        'Content-Type': 'application/json',
        Prefer: 'wait=2',
      },
      body: JSON.stringify({
        resource: { type: 'showtime', id: '01890000-0000-7000-8000-000000000001' },
        seats: ['A5'],
        customer: { name: 'Ada', email: 'ada@example.com' },
      }),
    })
    expect(response.status).toBe(202)
  } finally {
    await app.close()
  }
})
