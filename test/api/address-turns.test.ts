import { get } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { expect, test, onTestFinished } from 'vitest'
import { AddressTurns } from '../../apps/api/src/admission/turns/address-turns.ts'

/** Serves calls that are worked on until `end` is called. */
async function serve(turns: AddressTurns) {
  const begun = new Map<string, number>()
  let arrived = 0
  let end = () => {}
  const ended = new Promise<void>((resolve) => (end = resolve))
  const app = express()
  app.get('/', async (request, response) => {
    arrived++
    const from = request.socket.remoteAddress ?? ''
    await turns.take(request, response, async () => {
      begun.set(from, (begun.get(from) ?? 0) + 1)
      await ended
      response.end('read')
    })
  })
  const server = app.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  onTestFinished(() => new Promise<void>((resolve) => void server.close(() => resolve())))
  onTestFinished(() => end())
  const { port } = server.address() as AddressInfo
  const call = (localAddress: string) => {
    const request = get({ port, host: '127.0.0.1', localAddress, agent: false })
    request.on('error', () => undefined)
    request.on('response', (response) => response.resume())
    return request
  }
  return { call, begun: (from: string) => begun.get(from) ?? 0, arrived: () => arrived, end: () => end() }
}

const COUNT = 60
const CROWD = '127.0.0.2'
const NEIGHBOUR = '127.0.0.3'

test('without turns all that one address sends at once is worked on at once: the control', async () => {
  const { call, begun } = await serve(new AddressTurns(Number.POSITIVE_INFINITY))
  for (let sent = 0; sent < COUNT; sent++) call(CROWD)
  await expect.poll(() => begun(CROWD)).toBe(COUNT)
})

test('an address waits behind its own calls, and nobody else does', async () => {
  const turns = new AddressTurns()
  const { call, begun, arrived, end } = await serve(turns)
  for (let sent = 0; sent < COUNT; sent++) call(CROWD)
  await expect.poll(arrived).toBe(COUNT)
  expect(begun(CROWD)).toBe(16)
  call(NEIGHBOUR)
  await expect.poll(() => begun(NEIGHBOUR)).toBe(1)
  expect(begun(CROWD)).toBe(16)
  end()
  await expect.poll(() => begun(CROWD)).toBe(COUNT)
  await expect.poll(() => turns.size).toBe(0)
})

test('a call whose client has left is not worked on', async () => {
  const turns = new AddressTurns(1)
  const { call, begun, arrived, end } = await serve(turns)
  call(CROWD)
  await expect.poll(() => begun(CROWD)).toBe(1)
  const left = call(CROWD)
  await expect.poll(arrived).toBe(2)
  const closed = new Promise((resolve) => left.once('close', resolve))
  left.destroy()
  await closed
  // The server has seen that once it takes a later call.
  call(CROWD)
  await expect.poll(arrived).toBe(3)
  end()
  await expect.poll(() => turns.size).toBe(0)
  expect(begun(CROWD)).toBe(2)
})
