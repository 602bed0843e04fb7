import { once } from 'node:events'
import { Agent, createServer, get, request, type Server } from 'node:http'
import { createServer as createPlainServer } from 'node:net'
import { Worker } from 'node:worker_threads'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type Listening, listen } from '../../apps/api/src/connections/listen.ts'
import { findFreePort } from '../support/free-port.ts'

const HOST = '127.0.0.1'

async function given(server: Server, { port = 0, count = 16 } = {}): Promise<Listening> {
  const listening = await listen(server, port, HOST, count)
  onTestFinished(() => listening.close(0))
  return listening
}

const answering = () => createServer((_request, response) => response.end('here'))

/** Lets `count` clients connect while the event loop stands still; returns the turns until all of them are in. */
async function turnsUntilIn(listening: Listening, server: Server, count: number): Promise<number> {
  let arrived = 0
  server.on('connection', () => arrived++)
  const connected = new Int32Array(new SharedArrayBuffer(4))
  const crowd = new Worker(
    `const { connect } = require('node:net')
     const { workerData: { port, host, count, connected } } = require('node:worker_threads')
     for (let index = 0; index < count; index++) {
       connect({ port, host }).on('error', () => {}).on('connect', () => {
         Atomics.add(connected, 0, 1)
         Atomics.notify(connected, 0)
       })
     }`,
    { eval: true, workerData: { port: listening.port, host: HOST, count, connected } },
  )
  onTestFinished(async () => void (await crowd.terminate()))
  for (let seen = 0; seen < count; seen = Atomics.load(connected, 0)) {
    if (Atomics.wait(connected, 0, seen, 10_000) === 'timed-out') throw new Error(`${seen} of ${count} could connect`)
  }
  let turns = 0
  while (arrived < count) {
    await new Promise((resolve) => void setImmediate(resolve))
    turns++
  }
  return turns
}

describe('a crowd that connects while the process is busy', () => {
  const CROWD = 320

  it('comes in one by one at a single socket: the control', async () => {
    const server = answering()
    const listening = await given(server, { count: 1 })
    expect(await turnsUntilIn(listening, server, CROWD)).toBeGreaterThanOrEqual(CROWD)
  })

  it.runIf(process.platform === 'linux')('is in after a fraction of the turns at sixteen', async () => {
    const server = answering()
    const listening = await given(server, { count: 16 })
    expect(await turnsUntilIn(listening, server, CROWD)).toBeLessThan(CROWD / 4)
  })
})

describe('listening', () => {
  it('answers whoever connects, by whatever socket', async () => {
    const { port } = await given(answering())
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => fetch(`http://${HOST}:${port}/`).then((response) => response.text())),
    )
    expect(new Set(answers)).toEqual(new Set(['here']))
  })

  it.each([1, 16])('takes no port that a process has to itself, with %i sockets', async (count) => {
    const other = createPlainServer().listen(0, HOST)
    onTestFinished(() => void other.close())
    await once(other, 'listening')
    const address = other.address()
    const port = address instanceof Object ? address.port : 0
    await expect(listen(answering(), port, HOST, count)).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })

  it('takes no port at which another one listens likewise', async () => {
    const { port } = await given(answering(), { port: await findFreePort() })
    await expect(listen(answering(), port, HOST)).rejects.toMatchObject({ code: 'EADDRINUSE' })
    expect(await fetch(`http://${HOST}:${port}/`).then((response) => response.text())).toBe('here')
  })

  it('is for one of those who start at the same moment, and for no more', async () => {
    const port = await findFreePort()
    const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => given(answering(), { port })))
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'EADDRINUSE' })
    }
  })

  it.runIf(process.platform === 'linux')('waits while another process sees whether it can have the port', async () => {
    const port = await findFreePort()
    const other = createPlainServer().listen(`\0boxoffice-listen-${port}`)
    await once(other, 'listening')
    const starting = given(answering(), { port })
    // One that need not wait is there although it was begun later.
    await given(answering(), { port: await findFreePort() })
    await expect(fetch(`http://${HOST}:${port}/`)).rejects.toThrow('fetch failed')
    other.close()
    await starting
    expect((await fetch(`http://${HOST}:${port}/`)).status).toBe(200)
  })

  it.runIf(process.platform === 'linux')('is not kept from starting by whoever holds that turn for good', async () => {
    const port = await findFreePort()
    const other = createPlainServer().listen(`\0boxoffice-listen-${port}`)
    onTestFinished(() => void other.close())
    await once(other, 'listening')
    expect(await given(answering(), { port })).toMatchObject({ port })
  })

  it('is at one address, whatever the name has', async () => {
    const listening = await listen(answering(), 0, 'localhost')
    onTestFinished(() => listening.close(0))
    const answers = Array.from({ length: 32 }, () => fetch(`http://localhost:${listening.port}/`))
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual(Array.from({ length: 32 }, () => 200))
  })

  it.each([1, 16])('takes some 20,000 connections in all, with %i sockets', async (count) => {
    const server = answering()
    await given(server, { count })
    expect(server.maxConnections).toBe(20_000 / count)
  })

  it('can be had again once it was closed', async () => {
    const port = await findFreePort()
    const first = await listen(answering(), port, HOST)
    await first.close(0)
    expect(await given(answering(), { port })).toMatchObject({ port })
  })
})

describe('closing', () => {
  it('closes idle connections at once, whichever socket they came by', async () => {
    const listening = await given(answering())
    const agent = new Agent({ keepAlive: true })
    onTestFinished(() => agent.destroy())
    const idle = Array.from({ length: 48 }, () => {
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      get({ port: listening.port, host: HOST, agent }, (response) => {
        response.resume().on('end', resolve)
      }).on('error', reject)
      return promise
    })
    await Promise.all(idle)
    // Otherwise this would not end, with a grace of an hour.
    await listening.close(3_600_000)
  })

  it('waits for answers under way, and ends those that take longer than they may', async () => {
    const responses: { end(text: string): void }[] = []
    const server = createServer((_request, response) => {
      responses.push(response)
    })
    const listening = await given(server)
    const answers = Array.from({ length: 48 }, () => {
      const { promise, resolve } = Promise.withResolvers<string>()
      get({ port: listening.port, host: HOST, agent: false }, (response) => {
        response.setEncoding('utf8').on('data', resolve)
      }).on('error', () => resolve('cut off'))
      return promise
    })
    await expect.poll(() => responses.length, { timeout: 10_000 }).toBe(48)
    const closing = listening.close(1_000)
    for (const response of responses.slice(0, 40)) response.end('in time')
    expect((await Promise.all(answers.values())).toSorted()).toEqual([
      ...Array.from({ length: 8 }, () => 'cut off'),
      ...Array.from({ length: 40 }, () => 'in time'),
    ])
    await closing
    const refused = request({ port: listening.port, host: HOST })
    const [error] = await once(refused, 'error')
    expect(error).toMatchObject({ code: 'ECONNREFUSED' })
  })
})
