import { createServer, get } from 'node:http'
import { connect, type Socket } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { AddressShares } from '../../apps/api/src/admission/address-shares.ts'
import { ConnectionShares } from '../../apps/api/src/connections/connection-shares.ts'
import { listen } from '../../apps/api/src/connections/listen.ts'
import { trustsProxy } from '../../apps/api/src/connections/trusted-proxies.ts'

const CONNECTIONS = 60
const PER_ADDRESS = 20

/** Listens with all sockets that the API listens with. */
async function given({ perAddress = PER_ADDRESS, proxies = [] as string[] } = {}) {
  const shares = new AddressShares({ total: 20_000, perAddress })
  const connections = new ConnectionShares(shares, trustsProxy(proxies))
  const server = createServer((_request, response) => response.end('here'))
  connections.guard(server)
  const listening = await listen(server, 0, '127.0.0.1')
  onTestFinished(() => listening.close(0))
  return { port: listening.port, connections }
}

/** Resolves once the server has answered, or has closed the connection. */
async function open(port: number, localAddress: string): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', localAddress })
  onTestFinished(() => void socket.destroy())
  socket.on('error', () => undefined)
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  await new Promise<void>((resolve) => {
    socket.once('data', () => resolve())
    socket.once('close', () => resolve())
  })
  return socket
}

const openMany = (port: number, address: string, count = CONNECTIONS) =>
  Promise.all(Array.from({ length: count }, () => open(port, address)))

const alive = (sockets: readonly Socket[]) => sockets.filter(({ destroyed }) => !destroyed).length

function statusFrom(port: number, localAddress: string): Promise<number> {
  return new Promise((resolve, reject) => {
    get({ port, host: '127.0.0.1', localAddress, agent: false }, (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    }).on('error', reject)
  })
}

describe('connections of one address', () => {
  it('are all that it opens, where there is no limit: the control', async () => {
    const { port } = await given({ perAddress: Number.POSITIVE_INFINITY })
    expect(alive(await openMany(port, '127.0.0.2'))).toBe(CONNECTIONS)
  })

  it('are not more than it may have, over all sockets, while another one connects at once', async () => {
    const { port, connections } = await given()
    const sockets = await openMany(port, '127.0.0.2')
    expect(alive(sockets)).toBe(PER_ADDRESS)
    expect(connections).toMatchObject({ size: PER_ADDRESS, refused: CONNECTIONS - PER_ADDRESS })
    await expect(statusFrom(port, '127.0.0.2')).rejects.toMatchObject({ code: 'ECONNRESET' })
    expect(await statusFrom(port, '127.0.0.3')).toBe(200)
  })

  it('may be others once some were closed', async () => {
    const { port, connections } = await given()
    const sockets = await openMany(port, '127.0.0.2', PER_ADDRESS)
    for (const socket of sockets.slice(0, 3)) socket.destroy()
    await expect.poll(() => connections.size).toBe(PER_ADDRESS - 3)
    expect(alive(await openMany(port, '127.0.0.2', 4))).toBe(3)
  })

  it('are as many as a trusted proxy needs', async () => {
    const { port, connections } = await given({ proxies: ['127.0.0.2/32'] })
    expect(alive(await openMany(port, '127.0.0.2'))).toBe(CONNECTIONS)
    expect(connections.size).toBe(0)
    expect(alive(await openMany(port, '127.0.0.3'))).toBe(PER_ADDRESS)
  })
})

it.each([
  ['127.0.0.1', ['loopback'], true],
  ['::1', ['loopback'], true],
  ['::ffff:127.0.0.1', ['loopback'], true],
  ['10.1.2.3', ['10.0.0.0/8'], true],
  ['::ffff:10.1.2.3', ['10.0.0.0/8'], true],
  ['2001:db8::1', ['2001:db8::/32', '10.0.0.1'], true],
  ['10.0.0.1', ['2001:db8::/32', '10.0.0.1'], true],
  ['10.0.0.2', ['2001:db8::/32', '10.0.0.1'], false],
  ['127.0.0.1', [], false],
])('%s is a proxy of %j: %s', (address, proxies, trusted) => {
  expect(trustsProxy(proxies)(address)).toBe(trusted)
})
