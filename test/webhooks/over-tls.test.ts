import { Agent, request } from 'undici'
import { afterEach, describe, expect, it } from 'vitest'
import { findWebhookDelivery, listWebhookDeliveries } from '@boxoffice/core/webhooks/queries/webhook-delivery-view.ts'
import { type Destinations, publicDestinations } from '@boxoffice/core/webhooks/destination.ts'
import { createAuthority, type Identity, selfSigned, TOMORROW, YESTERDAY } from '../support/certificates.ts'
import { openReceiver, type Receiver, verified, sharedStage, sendDue } from './harness.ts'

/** A name that exists in no name server, so that only the addresses that the poster resolved lead anywhere. */
const HOST = 'hooks.shop.example'
const authority = createAuthority('An authority')
const DAY_MS = 24 * 60 * 60 * 1_000
const dayAfter = (at: Date) => new Date(at.getTime() + DAY_MS)
const dayBefore = (at: Date) => new Date(at.getTime() - DAY_MS)

const receivers: Receiver[] = []

const stage = sharedStage()
afterEach(async () => {
  await stage.reset()
  await Promise.all(receivers.splice(0).map((receiver) => receiver.close()))
})

async function receiverWith(identity: Identity, address?: string, port?: number): Promise<Receiver> {
  const receiver = await openReceiver(address, port, identity)
  receivers.push(receiver)
  return receiver
}

/** Returns production's rules, except that the loopback is allowed and a name leads there. */
const leadingTo = (resolve: Destinations['resolve']): Destinations => ({
  ...publicDestinations(),
  allowsAddress: (address) => address.startsWith('127.'),
  resolve,
})
const toLoopback = leadingTo(() => Promise.resolve(['127.0.0.1']))

/** Registers the URL, records an event and sends it; returns the endpoint. */
async function deliverTo(url: string, destinations = toLoopback): Promise<string> {
  const id = await stage.endpoint(url)
  await stage.events(1)
  await sendDue(stage.sender({ posting: { destinations, ca: [authority.certificate] } }))
  return id
}

async function deliveryTo(endpointId: string) {
  const { pool } = stage.db.database
  const { items } = await listWebhookDeliveries(pool, endpointId, null, 10, null)
  const found = await findWebhookDelivery(pool, items[0]?.id ?? '', null)
  if (found === null) throw new Error('there is no delivery')
  return found
}

describe('a receiver whose certificate is trusted', () => {
  it('gets the delivery, on a connection to the address that was looked at, for the name in the URL', async () => {
    const identity = authority.issue(HOST)
    const looked = await receiverWith(identity, '127.0.0.2')
    const other = await receiverWith(identity, '127.0.0.1', looked.port)
    const asked: string[] = []
    const answers = ['127.0.0.2']
    const rebinding = leadingTo((name) => {
      asked.push(name)
      return Promise.resolve([answers.shift() ?? '127.0.0.1'])
    })
    const id = await deliverTo(`https://${HOST}:${looked.port}/hook`, rebinding)

    expect(asked).toEqual([HOST])
    expect(other.received).toEqual([])
    const [one] = looked.received
    if (one === undefined) throw new Error('nothing came')
    expect([one.serverName, one.headers.host]).toEqual([HOST, `${HOST}:${looked.port}`])
    expect(verified(one, await stage.secretOf(id))).toMatchObject({ type: 'venue.updated' })
    const delivery = await deliveryTo(id)
    expect(delivery).toMatchObject({ status: 'delivered', attempts: 1, lastStatusCode: 204, lastError: null })
  })

  it('may have an address in its URL, when that is what its certificate is for', async () => {
    const receiver = await receiverWith(authority.issue('127.0.0.1'))
    const id = await deliverTo(receiver.url)
    expect(await stage.statuses(id)).toEqual({ delivered: 1 })
    // A name of a server is never an address (RFC 6066).
    expect(receiver.received.map(({ serverName }) => serverName)).toEqual([null])
  })
})

const UNKNOWN = 'Its certificate comes from no authority that is trusted'

describe.each<[string, () => Identity, string]>([
  ['signed by itself', () => selfSigned(HOST), `${UNKNOWN} (DEPTH_ZERO_SELF_SIGNED_CERT).`],
  [
    'of an authority that nobody knows',
    () => createAuthority('Another authority').issue(HOST),
    `${UNKNOWN} (UNABLE_TO_VERIFY_LEAF_SIGNATURE).`,
  ],
  [
    'of somebody who calls himself like the authority',
    () => createAuthority('An authority').issue(HOST),
    // OpenSSL finds the authority by its name, and that it has not signed this.
    'Its certificate was not signed by its authority (CERT_SIGNATURE_FAILURE).',
  ],
  [
    'for another name',
    () => authority.issue('shop.example'),
    'Its certificate is for another name (ERR_TLS_CERT_ALTNAME_INVALID).',
  ],
  [
    'for the address that the name leads to',
    () => authority.issue('127.0.0.1'),
    'Its certificate is for another name (ERR_TLS_CERT_ALTNAME_INVALID).',
  ],
  [
    'that has expired',
    () => authority.issue(HOST, { from: dayBefore(YESTERDAY), to: YESTERDAY }),
    'Its certificate has expired (CERT_HAS_EXPIRED).',
  ],
  [
    'that is not valid yet',
    () => authority.issue(HOST, { from: TOMORROW, to: dayAfter(TOMORROW) }),
    'Its certificate is not valid yet (CERT_NOT_YET_VALID).',
  ],
])('a receiver with a certificate %s', (_, identity, sentence) => {
  it('gets nothing, and the log says why', async () => {
    const receiver = await receiverWith(identity())
    const id = await deliverTo(`https://${HOST}:${receiver.port}/`)
    expect(receiver.received).toEqual([])
    const { log, ...delivery } = await deliveryTo(id)
    expect(delivery).toMatchObject({ status: 'pending', attempts: 1, deliveredAt: null, lastStatusCode: null })
    expect(log.map(({ statusCode, error, response }) => [statusCode, error, response])).toEqual([
      [null, sentence, null],
    ])
    expect(delivery.lastError).toBe(sentence)
  })

  it('would get it from somebody who does not look at certificates: the control', async () => {
    const receiver = await receiverWith(identity())
    const careless = new Agent({ connect: { servername: HOST, rejectUnauthorized: false } })
    try {
      const answer = await request(receiver.url, { method: 'POST', body: '{}', dispatcher: careless })
      await answer.body.dump()
      expect([answer.statusCode, receiver.received.length]).toEqual([204, 1])
    } finally {
      await careless.destroy()
    }
  })
})

it('trusts nobody but the authorities of Node unless told otherwise', async () => {
  const receiver = await receiverWith(authority.issue(HOST))
  const id = await stage.endpoint(`https://${HOST}:${receiver.port}/`)
  await stage.events(1)
  await sendDue(stage.sender({ posting: { destinations: toLoopback } }))
  expect(receiver.received).toEqual([])
  expect((await deliveryTo(id)).lastError).toMatch(UNKNOWN)
})

it('delivers once the receiver has renewed its certificate', async () => {
  const expired = await receiverWith(authority.issue(HOST, { from: dayBefore(YESTERDAY), to: YESTERDAY }))
  const id = await stage.endpoint(`https://${HOST}:${expired.port}/`)
  await stage.events(1)
  const sender = stage.sender({ posting: { destinations: toLoopback, ca: [authority.certificate] } })
  await sendDue(sender)
  await expired.close()
  receivers.length = 0
  const renewed = await receiverWith(authority.issue(HOST), '127.0.0.1', expired.port)
  await stage.letTimePass()
  await sendDue(sender)
  expect(renewed.received).toHaveLength(1)
  const { log } = await deliveryTo(id)
  expect(log.map(({ statusCode, error }) => [statusCode, error])).toEqual([
    [null, 'Its certificate has expired (CERT_HAS_EXPIRED).'],
    [204, null],
  ])
})
