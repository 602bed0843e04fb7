import { describe, expect, it } from 'vitest'
import { BoxofficeClient, type CallOptions } from '@boxoffice/client'

// The requests that the client sends and refuses to send. No server is needed, because most of them must not get that
// far.

/** Returns a client, and the addresses that it has requested. */
function recording(baseUrl = 'http://api.test') {
  const asked: string[] = []
  const client = new BoxofficeClient({
    baseUrl,
    fetch: (input, init) => {
      asked.push(`${init?.method} ${input instanceof Request ? input.url : input.toString()}`)
      return Promise.resolve(Response.json({ items: [], nextCursor: null }))
    },
  })
  return { client, asked }
}

const A_BODY: CallOptions<'createQuote'>['body'] = { resource: { type: 'showtime', id: 'x' }, seats: ['A1'] }

describe('the address', () => {
  it.each([
    ['http://api.test', 'http://api.test/v1/movies'],
    ['http://api.test/', 'http://api.test/v1/movies'],
    ['http://api.test/boxoffice', 'http://api.test/boxoffice/v1/movies'],
    ['http://api.test/boxoffice//', 'http://api.test/boxoffice/v1/movies'],
    ['', '/v1/movies'],
  ])('below %j is %s', async (baseUrl, address) => {
    const { client, asked } = recording(baseUrl)
    await client.call('listMovies')
    expect(asked).toEqual([`GET ${address}`])
  })

  it('has parameters and query filled in and escaped', async () => {
    const { client, asked } = recording()
    await client.call('getBooking', { params: { reference: 'a/b ?' } })
    await client.call('updateTicketType', { params: { id: 'e', ticketTypeId: 't' }, body: {} })
    await client.call('listAudit', { query: { entity: 'booking:1', limit: 5, actor: undefined } })
    await client.call('getLane', { params: { lane: '0' } })
    expect(asked).toEqual([
      'GET http://api.test/v1/bookings/a%2Fb%20%3F',
      'PATCH http://api.test/v1/events/e/ticket-types/t',
      'GET http://api.test/v1/audit?entity=booking%3A1&limit=5',
      'GET http://api.test/v1/lanes/0',
    ])
  })
})

describe('an impossible request is an error of TypeScript, and thrown at once', () => {
  const { client, asked } = recording()
  const each: readonly [name: string, call: () => Promise<unknown>, message: string][] = [
    [
      'no options where the path has parameters',
      // @ts-expect-error the path has parameters
      () => client.call('getBooking'),
      'getBooking needs params.reference, for its path is /v1/bookings/{reference}.',
    ],
    [
      'options without them',
      // @ts-expect-error the path has parameters
      () => client.callPatiently('getBookingRequest', { waitSeconds: 20 }),
      'getBookingRequest needs params.id, for its path is /v1/booking-requests/{id}.',
    ],
    [
      'one of two',
      // @ts-expect-error the path has two parameters
      () => client.send('updateTicketType', { params: { id: '1' }, body: {} }),
      'updateTicketType needs params.ticketTypeId',
    ],
    [
      'an undefined one',
      // @ts-expect-error the parameter is a string
      () => client.call('getVenue', { params: { id: undefined } }),
      'getVenue needs params.id',
    ],
    [
      'an empty one, which would be the list',
      () => client.call('getBooking', { params: { reference: '' } }),
      'params.reference of getBooking must not be "".',
    ],
    [
      'dots, which would be another path',
      () => client.call('getShowtimeAvailability', { params: { id: '..' } }),
      'params.id of getShowtimeAvailability must not be "..".',
    ],
    [
      'a list that has parameters, without them',
      // @ts-expect-error the path has parameters
      () => client.items('listWebhookDeliveries').next(),
      'listWebhookDeliveries needs params.id',
    ],
    [
      'an operation that is not there',
      // @ts-expect-error there is no such operation
      () => client.call('bookEverything'),
      'The API has no operation "bookEverything".',
    ],
    [
      'a name that every object has',
      // @ts-expect-error there is no such operation
      () => client.callPatiently('constructor'),
      'The API has no operation "constructor".',
    ],
  ]

  it.each(each)('%s', async (_name, call, message) => {
    await expect(call()).rejects.toThrow(message)
    expect(asked).toEqual([])
  })

  it('a body is asked for where the operation needs one, and a query where something in it has to be there', () => {
    const { client: other } = recording()
    const calls = [
      // @ts-expect-error a booking request has a body
      () => other.call('createBookingRequest', {}),
      // @ts-expect-error the list is one of a resource
      () => other.call('listRevokedTickets'),
      () => other.call('createQuote', { body: A_BODY }),
      () => other.call('listMovies', { query: { limit: 3 } }),
      () => other.call('cancelBooking', { params: { reference: 'K7QXM2PA' } }),
    ]
    expect(calls).toHaveLength(5)
  })
})

it('an answer that is not JSON is left to send()', async () => {
  const client = new BoxofficeClient({
    baseUrl: 'http://api.test',
    fetch: () => Promise.resolve(new Response('# HELP', { headers: { 'Content-Type': 'text/plain' } })),
  })
  await expect(client.call('getMetrics')).rejects.toThrow('getMetrics was not answered with JSON')
  expect(await (await client.send('getMetrics')).text()).toBe('# HELP')
})
