import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import express from 'express'
import { describe, expect, it, onTestFinished } from 'vitest'
import { clientShares } from '../../apps/api/src/connections/client-shares.ts'
import { sendCachedJson } from '../../apps/api/src/answers/conditional.ts'
import { errorHandler } from '../../apps/api/src/problems/error-handler.ts'
import { listen } from '../../apps/api/src/connections/listen.ts'
import { assignRequestId } from '../../apps/api/src/problems/request-id.ts'
import { createApiServer } from '../../apps/api/src/server/server.ts'
import { EventStreams } from '../../apps/api/src/streams/sse.ts'
import { testLogger } from '../support/logger.ts'
import { testSettings } from '../support/settings.ts'

/** A body larger than the kernel's buffers of a loopback connection, so that the rest stays in the process. */
const SEAT_MAP = Buffer.alloc(16_000_000, 'A1,')

const HALF = SEAT_MAP.subarray(0, 9_000_000)

interface Options {
  readonly limits?: 'on' | 'off'
  /** The time that a client may read nothing; 0 for no limit. */
  readonly stalledMs?: number
  readonly environment?: Readonly<Record<string, string>>
}

/**
 * Serves a large answer: at `/` with a body of its own for each client, at `/shared` with one body for all, and at
 * `/parts` as one of several parts. Serves a stream with a large snapshot at `/stream`, and a short answer at `/short`.
 */
async function serve({ limits = 'on', stalledMs = 0, environment = {} }: Options) {
  const settings = testSettings({ LIMITS: limits, ...environment })
  const shares = clientShares(settings, stalledMs)
  const streams = new EventStreams(50)
  const app = express()
  app.set('trust proxy', settings.TRUSTED_PROXIES)
  app.use(assignRequestId, shares.unread.refuseFull())
  app.get('/', (_request, response) => void response.end(SEAT_MAP.subarray(0)))
  app.get('/shared', (_request, response) => void response.end(SEAT_MAP))
  app.get('/parts', (request, response) => {
    const parts = [Buffer.from('['), SEAT_MAP, Buffer.from(']')]
    sendCachedJson(request, response, { etag: '"1"', parts }, 'no-cache')
  })
  app.get('/half', (_request, response) => void response.end(HALF))
  app.get('/short', (_request, response) => void response.end('short'))
  app.get('/stream', (_request, response) => streams.open(response).send('snapshot', 'A1'.repeat(8_000_000)))
  app.use(errorHandler(testLogger))
  const server = createApiServer(app, shares)
  const listening = await listen(server, 0, '127.0.0.1')
  onTestFinished(() => listening.close(0))
  onTestFinished(() => streams.close())
  return { port: listening.port, shares, streams }
}

/** Connects a client that sends a request and reads nothing of the answer. */
async function neverReads(port: number, { path = '/', from = '127.0.0.1', headers = '' } = {}): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', localAddress: from })
  onTestFinished(() => void socket.destroy())
  socket.on('error', () => undefined)
  socket.pause()
  await once(socket, 'connect')
  socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n${headers}\r\n`)
  return socket
}

/** Resolves with the status and the number of bytes of the answer's body, or with the error. */
async function readsAll(port: number, path = '/', from = '127.0.0.1', headers = '') {
  const socket = connect({ port, host: '127.0.0.1', localAddress: from })
  socket.on('error', () => undefined)
  socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${headers}\r\n`)
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => void chunks.push(chunk))
  await once(socket, 'close')
  const all = Buffer.concat(chunks)
  const body = all.indexOf('\r\n\r\n') + 4
  return { status: Number(all.subarray(9, 12).toString()), bytes: all.length - body }
}

const closed = (socket: Socket) => (socket.destroyed ? Promise.resolve() : once(socket, 'close'))

describe('a client that never reads a large answer', () => {
  it('keeps it in the process for ever, where nobody minds: the control', async () => {
    const control = await serve({ limits: 'off', stalledMs: 0 })
    const guarded = await serve({ limits: 'off', stalledMs: 200 })
    const kept = await neverReads(control.port)
    await expect.poll(() => control.shares.unread.size).toBeGreaterThan(1_000_000)
    const cut = await neverReads(guarded.port)
    cut.resume()
    cut.pause()
    await expect.poll(() => guarded.shares.unread.size).toBeGreaterThan(1_000_000)
    await expect.poll(() => guarded.shares.unread.size, { timeout: 10_000 }).toBe(0)
    expect(kept.destroyed).toBe(false)
    expect(control.shares.unread.size).toBeGreaterThan(1_000_000)
  })

  it('is cut off when it has read nothing for some time', async () => {
    const { port, shares } = await serve({ stalledMs: 200 })
    const socket = await neverReads(port)
    await expect.poll(() => shares.unread.size).toBeGreaterThan(1_000_000)
    await expect.poll(() => shares.unread.size, { timeout: 10_000 }).toBe(0)
    socket.resume()
    await closed(socket)
  })

  it('is cut off as a watcher of a stream too, heartbeats or not', async () => {
    const { port, shares, streams } = await serve({ stalledMs: 200 })
    await neverReads(port, { path: '/stream' })
    await expect.poll(() => shares.unread.size).toBeGreaterThan(1_000_000)
    await expect.poll(() => streams.size, { timeout: 10_000 }).toBe(0)
    expect(shares.unread.size).toBe(0)
  })

  it('is not cut off while it reads as a slow phone does', async () => {
    // 20 KB a second against a patience of 90 seconds, both thirty times as fast.
    const { port, shares } = await serve({ stalledMs: 3_000 })
    const socket = await neverReads(port, { path: '/half' })
    const beganAt = performance.now()
    let bytes = 0
    const reading = setInterval(() => {
      while (bytes < 600 * (performance.now() - beganAt)) {
        const chunk: unknown = socket.read()
        if (!(chunk instanceof Buffer)) return
        bytes += chunk.length
      }
    }, 50)
    onTestFinished(() => clearInterval(reading))
    await expect.poll(() => shares.unread.size).toBeGreaterThan(1_000_000)
    await expect.poll(() => shares.unread.size, { timeout: 40_000, interval: 100 }).toBe(0)
    expect(performance.now() - beganAt).toBeGreaterThan(6_000)
    clearInterval(reading)
    socket.on('data', (chunk: Buffer) => {
      bytes += chunk.length
    })
    socket.resume()
    await expect.poll(() => bytes, { timeout: 10_000 }).toBeGreaterThan(HALF.length)
  }, 60_000)
})

describe('unread answers of one address', () => {
  const environment = { UNREAD_BYTES: '64000000' }
  const COUNT = 40

  it('are kept as many as are asked for: the control', async () => {
    const { port, shares } = await serve({ limits: 'off', environment })
    for (let index = 0; index < COUNT; index++) await neverReads(port, { from: '127.0.0.2' })
    await expect.poll(() => shares.unread.size, { timeout: 10_000 }).toBeGreaterThan(128_000_000)
  })

  it.each(['/', '/stream'])('of %s are not more than its share, and nobody else notices', async (path) => {
    const { port, shares } = await serve({ environment })
    const sockets = await Promise.all(
      Array.from({ length: COUNT }, () => neverReads(port, { path, from: '127.0.0.2' })),
    )
    await expect.poll(() => shares.unread.cut + shares.unread.size).toBeGreaterThan(0)
    // Each has been answered, or has been cut off.
    expect(await readsAll(port, '/', '127.0.0.3')).toEqual({ status: 200, bytes: SEAT_MAP.length })
    expect(shares.unread.size).toBeLessThanOrEqual(SEAT_MAP.length + 64_000_000 / 9)
    expect(await readsAll(port, '/short', '127.0.0.2')).toMatchObject({ status: 429 })
    for (const socket of sockets) socket.destroy()
    await expect.poll(() => shares.unread.size).toBe(0)
    expect(await readsAll(port, '/short', '127.0.0.2')).toEqual({ status: 200, bytes: 5 })
  })

  it('are those of the client, where a trusted proxy brings them', async () => {
    const { port } = await serve({ environment: { ...environment, TRUSTED_PROXIES: 'loopback' } })
    const forwarded = (client: string) => `X-Forwarded-For: ${client}\r\n`
    for (let index = 0; index < 4; index++) await neverReads(port, { headers: forwarded('203.0.113.7') })
    await expect
      .poll(() => readsAll(port, '/short', '127.0.0.1', forwarded('203.0.113.7')))
      .toMatchObject({ status: 429 })
    expect(await readsAll(port, '/', '127.0.0.1', forwarded('203.0.113.8'))).toMatchObject({ status: 200 })
  })
})

it.each([
  ['body', '/shared', SEAT_MAP.length],
  ['largest part', '/parts', SEAT_MAP.length + 2],
])('an answer whose %s is the same for all costs no more, however many read it slowly', async (_, path, length) => {
  const { port, shares } = await serve({ environment: { UNREAD_BYTES: '64000000' } })
  for (let index = 0; index < 60; index++) await neverReads(port, { path, from: `127.0.0.${2 + (index % 20)}` })
  expect(await readsAll(port, '/short', '127.0.0.50')).toEqual({ status: 200, bytes: 5 })
  expect(shares.unread.cut).toBe(0)
  expect(shares.unread.size).toBeGreaterThan(SEAT_MAP.length)
  expect(shares.unread.size).toBeLessThan(SEAT_MAP.length + 100_000)
  expect(await readsAll(port, path, '127.0.0.50')).toEqual({ status: 200, bytes: length })
})

it('unread answers of many addresses are not more than the process may keep', async () => {
  const environment = { UNREAD_BYTES: '64000000' }
  const { port, shares } = await serve({ environment })
  for (let index = 2; index < 42; index++) await neverReads(port, { from: `127.0.0.${index}` })
  await expect.poll(() => shares.unread.cut, { timeout: 10_000 }).toBeGreaterThan(20)
  expect(shares.unread.size).toBeLessThanOrEqual(64_000_000)
})
