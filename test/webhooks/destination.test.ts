import { promises as dns } from 'node:dns'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { request } from 'undici'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  anyDestination,
  type Destinations,
  parseDestination,
  publicDestinations,
  RefusedDestinationError,
  resolveDestination,
} from '@boxoffice/core/webhooks/destination.ts'
import { WebhookPoster } from '@boxoffice/core/webhooks/poster.ts'
import { isPublicAddress } from '@boxoffice/core/webhooks/public-address.ts'
import { openReceiver, type Receiver } from './harness.ts'

const rules = publicDestinations()
const isRefused = (url: string) => {
  try {
    parseDestination(url, rules)
    return false
  } catch (error) {
    if (error instanceof RefusedDestinationError) return true
    throw error
  }
}

/** Every kind of address that is not some host of the internet, and its meaning. */
const PRIVATE = {
  '0.0.0.0': 'unspecified',
  '0.1.2.3': 'this network',
  '10.0.0.1': 'private',
  '100.64.0.1': 'carrier-grade NAT',
  '127.0.0.1': 'loopback',
  '127.255.255.254': 'loopback',
  '168.63.129.16': 'the platform of a cloud',
  '169.254.169.254': 'link-local: metadata of clouds',
  '172.16.0.1': 'private',
  '172.31.255.255': 'private',
  '192.0.0.1': 'protocol assignments',
  '192.0.2.1': 'documentation',
  '192.88.99.1': '6to4 relay',
  '192.168.1.1': 'private',
  '198.18.0.1': 'benchmarks',
  '198.51.100.1': 'documentation',
  '203.0.113.1': 'documentation',
  '224.0.0.1': 'multicast',
  '240.0.0.1': 'reserved',
  '255.255.255.255': 'broadcast',
  '::': 'unspecified',
  '::1': 'loopback',
  '::7f00:1': 'IPv4-compatible',
  '::ffff:127.0.0.1': 'IPv4-mapped',
  '::ffff:7f00:1': 'IPv4-mapped',
  '::ffff:8.8.8.8': 'IPv4-mapped, whatever it maps',
  '::ffff:0:127.0.0.1': 'IPv4-translated',
  '64:ff9b::7f00:1': 'NAT64',
  '64:ff9b::a9fe:a9fe': 'NAT64 of metadata',
  '64:ff9b:1::7f00:1': 'local NAT64',
  '100::1': 'discarded',
  '2001::1': 'Teredo',
  '2001:10::1': 'ORCHID',
  '2001:db8::1': 'documentation',
  '2620:4f:8000::42': 'AS112',
  '2002:7f00:1::': '6to4 of the loopback',
  '3fff::1': 'documentation',
  'fc00::1': 'unique local',
  'fd00:ec2::254': 'unique local: metadata',
  'fe80::1': 'link-local',
  'fec0::1': 'site-local',
  'ff02::1': 'multicast',
  'fe80::1%eth0': 'with a zone',
  nonsense: 'no address',
} as const

describe('the destination of webhooks', () => {
  it.each(Object.entries(PRIVATE))('is never %s (%s)', async (address) => {
    expect(isPublicAddress(address)).toBe(false)
    const named = { ...rules, resolve: () => Promise.resolve([address]) }
    await expect(resolveDestination('shop.example', named)).rejects.toThrow(RefusedDestinationError)
    // One that is private spoils a name that has public ones, too.
    const both = { ...rules, resolve: () => Promise.resolve(['93.184.215.14', address]) }
    await expect(resolveDestination('shop.example', both)).rejects.toThrow(RefusedDestinationError)
    if (!address.includes('%'))
      expect(isRefused(`https://${address.includes(':') ? `[${address}]` : address}/`)).toBe(true)
  })

  it.each(['93.184.215.14', '1.1.1.1', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '2a00:1450:4001::200e'])(
    'may be %s',
    async (address) => {
      expect(isPublicAddress(address)).toBe(true)
      expect(isRefused(`https://${address.includes(':') ? `[${address}]` : address}/hook`)).toBe(false)
      const named = { ...rules, resolve: () => Promise.resolve([address]) }
      expect(await resolveDestination('shop.example', named)).toEqual([address])
    },
  )

  it.each([
    ['hexadecimal', 'https://0x7f000001/'],
    ['hexadecimal parts', 'https://0x7f.0x0.0x0.0x1/'],
    ['octal', 'https://0177.0.0.1/'],
    ['decimal', 'https://2130706433/'],
    ['short', 'https://127.1/'],
    ['full-width digits', 'https://１２７.０.０.１/'],
    ['circled digits', 'https://①②⑦.0.0.1/'],
    ['percent-encoded', 'https://%31%32%37.0.0.1/'],
    ['a trailing dot', 'https://127.0.0.1./'],
    ['metadata in hexadecimal', 'https://0xa9fea9fe/latest/meta-data'],
    ['IPv4 in IPv6', 'https://[::ffff:169.254.169.254]/'],
    ['a local name', 'https://localhost/'],
    ['a local name with a dot', 'https://localhost./'],
    ['a name below localhost', 'https://app.localhost/'],
    ['a name without a dot', 'https://redis/'],
    ['a name of the own network', 'https://db.internal/'],
    ['a name of a cloud', 'https://metadata.google.internal/'],
    ['not encrypted', 'http://shop.example/'],
    ['another scheme', 'ftp://shop.example/'],
    ['a file', 'file:///etc/passwd'],
    ['a script', 'javascript:alert(1)'],
    ['a user', 'https://user@shop.example/'],
    ['a password', 'https://user:password@shop.example/'],
    ['a fragment', 'https://shop.example/#fragment'],
    ['the port of SSH', 'https://shop.example:22/'],
    ['the port of SMTP', 'https://shop.example:25/'],
    ['the port of Redis', 'https://shop.example:6379/'],
    ['the port of PostgreSQL', 'https://shop.example:5432/'],
    ['no URL', 'shop.example'],
    ['nothing', ''],
  ])('is refused for %s', (_, url) => {
    expect(isRefused(url)).toBe(true)
  })

  it.each([
    'https://shop.example/',
    'https://shop.example:8443/hook?x=1',
    'https://xn--bcher-kva.example/',
    'https://bücher.example/',
  ])('may be %s', (url) => {
    expect(isRefused(url)).toBe(false)
  })
})

describe('posting', () => {
  let receiver: Receiver
  beforeEach(async () => {
    receiver = await openReceiver()
  })
  afterEach(() => receiver.close())

  const post = async (destinations: Destinations, url: string, answerWithinMs = 2_000) => {
    const poster = new WebhookPoster({ destinations, answerWithinMs })
    try {
      return await poster.post({ url, headers: {}, body: '{}' }, new AbortController().signal)
    } finally {
      await poster.close()
    }
  }

  /** Returns production's rules with http allowed, because receivers over http need no certificate. */
  const overHttp = (changes: Partial<Destinations>): Destinations => ({ ...rules, allowsHttp: true, ...changes })

  it('does not connect to a name that leads to a private address', async () => {
    const { port } = new URL(receiver.url)
    const posted = await post(
      overHttp({ resolve: () => Promise.resolve(['127.0.0.1']) }),
      `http://shop.example:${port}/`,
    )
    expect(posted).toMatchObject({ statusCode: null, error: 'It is refused: Must not lead into a private network.' })
    expect(receiver.received).toEqual([])
  })

  it('does not connect to a private address that was let in while that was allowed', async () => {
    expect(await post(overHttp({}), receiver.url)).toMatchObject({ statusCode: null })
    expect(receiver.received).toEqual([])
  })

  it('does not follow redirects', async () => {
    receiver.answer = () => 302
    expect(await post(anyDestination(), receiver.url)).toMatchObject({ statusCode: 302 })
    expect(receiver.received.map(({ path }) => path)).toEqual(['/'])
  })

  describe('to a name whose address changes between looking and connecting', () => {
    /**
     * Returns rules under which 127.0.0.2 plays the public address and 127.0.0.1 the private one. A name resolves to
     * the public one first.
     */
    const rebinding = () => {
      const answers = ['127.0.0.2']
      return overHttp({
        allowsAddress: (address) => address === '127.0.0.2',
        resolve: () => Promise.resolve([answers.shift() ?? '127.0.0.1']),
      })
    }
    let other: Receiver
    let url: string
    beforeEach(async () => {
      const port = Number(new URL(receiver.url).port)
      other = await openReceiver('127.0.0.2', port)
      url = `http://rebind.example:${port}/`
    })
    afterEach(() => other.close())

    it('reaches the private one where the connection resolves for itself: the control', async () => {
      const destinations = rebinding()
      const { hostname } = parseDestination(url, destinations)
      await resolveDestination(hostname, destinations)
      // `fetch` would resolve the name again.
      const [address] = await destinations.resolve(hostname)
      const answer = await request(url.replace(hostname, address ?? ''), { method: 'POST', body: '{}' })
      await answer.body.dump()
      expect(receiver.received).toHaveLength(1)
    })

    it('reaches what was looked at, and nothing the next time', async () => {
      const destinations = rebinding()
      expect(await post(destinations, url)).toMatchObject({ statusCode: 204 })
      expect(await post(destinations, url)).toMatchObject({ statusCode: null })
      expect([other.received.length, receiver.received.length]).toEqual([1, 0])
    })
  })

  it('keeps a kilobyte of the answer, and no U+0000', async () => {
    const posted = await withServer('a\0'.repeat(1_000_000), (url) => post(anyDestination(), url))
    expect(posted.statusCode).toBe(200)
    expect(posted.response).toHaveLength(1_024)
    expect(posted.response).not.toContain('\0')
  })

  it('is over in time, whatever trickles', async () => {
    const posted = await withServer(null, (url) => post(anyDestination(), url, 500))
    expect(posted).toMatchObject({ statusCode: 200, error: null })
    expect(posted.durationMs).toBeLessThan(3_000)
    receiver.answer = () => null
    const silent = await post(anyDestination(), receiver.url, 500)
    expect(silent).toMatchObject({ statusCode: null, error: 'There was no answer within 0.5 seconds.' })
  })

  it('says what is wrong with a name that does not exist, and with a port where nobody listens', async () => {
    const { port } = new URL(receiver.url)
    await receiver.close()
    expect((await post(anyDestination(), `http://127.0.0.1:${port}/`)).error).toBe(
      'The connection failed (ECONNREFUSED).',
    )
    expect((await post(overHttp({ resolve: () => Promise.resolve([]) }), 'http://nothing.example/')).error).toBe(
      'It is refused: Its name has no address.',
    )
    receiver = await openReceiver()
  })

  it('goes to names of the own network where that is allowed', async () => {
    const { port } = new URL(receiver.url)
    const [address] = await dns.lookup('localhost', { all: true, family: 4 })
    expect(address?.address).toBe('127.0.0.1')
    expect(await post(anyDestination(), `http://localhost:${port}/`)).toMatchObject({ statusCode: 204 })
  })
})

/** Answers 200 with the body, or with one that never ends. */
async function withServer<T>(body: string | null, work: (url: string) => Promise<T>): Promise<T> {
  const timers: NodeJS.Timeout[] = []
  const server = createServer((_, response) => {
    response.on('error', () => undefined)
    if (body !== null) response.end(body)
    else timers.push(setInterval(() => response.write('x'), 20))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    return await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  } finally {
    for (const timer of timers) clearInterval(timer)
    server.closeAllConnections()
    server.close()
  }
}
