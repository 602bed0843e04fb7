import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { z } from 'zod'
import { dataSchema } from '@boxoffice/contract/outgoing-events/event-schema.ts'
import {
  OUTGOING_EVENT_TYPES,
  OUTGOING_EVENTS,
  SUBJECTS,
} from '@boxoffice/core/domain/outgoing-events/outgoing-events.ts'
import { publishOutgoingEvents } from '@boxoffice/core/outbox/publish-outgoing-events.ts'
import { type FeedEntry, listFeed } from '@boxoffice/core/outbox/queries/list-feed.ts'
import { bookingRecord, partRecord } from '@boxoffice/core/records/booking-record.ts'
import type { Change } from '@boxoffice/core/records/change.ts'
import { givenOrganizer } from '../support/catalogue.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { closeLifecycles } from '../support/lifecycle.ts'
import { letEverythingHappen } from './everything-happens.ts'

// Every outgoing event is made once, read from the feed and held against its schema, field by field. This alone holds
// payloads that are made in SQL to their types.

/**
 * The types in the feed. A test of an endpoint is posted but not in the feed: `api/webhooks.test.ts` has a sample of
 * it.
 */
const IN_FEED = OUTGOING_EVENT_TYPES.filter((type) => type !== 'webhook_endpoint.test')

let db: TestDatabase
let happened: readonly FeedEntry[] = []

beforeAll(async () => {
  db = await createTestDatabase()
  const { organizerId } = await givenOrganizer(db.database)
  await letEverythingHappen(db, organizerId)
  await publishOutgoingEvents(db.database)
  happened = (await listFeed(db.database.pool, organizerId, 0, 1_000, null)).items
})
afterAll(async () => {
  await closeLifecycles()
  await db.drop()
})

describe.each(IN_FEED)('%s', (type) => {
  const samples = () => happened.filter((event) => event.type === type).map(({ data }) => data)

  it('has a sample, and each is of its type to the last field', () => {
    expect(samples()).not.toEqual([])
    for (const data of samples()) {
      expect({ data, ...dataSchema(type, z.strictObject).safeParse(data) }).toMatchObject({ data, success: true })
    }
  })

  it('has no field that never comes', () => {
    const { subject, fields } = OUTGOING_EVENTS[type]
    // All changes of a thing share one list of changed fields.
    const alike = IN_FEED.filter((other) => OUTGOING_EVENTS[other].fields === fields)
    const came = happened
      .filter((event) => alike.some((other) => other === event.type))
      .flatMap(({ data }) => Object.keys(data))
    const declared = [...Object.keys(SUBJECTS[subject].fields), ...Object.keys(fields)]
    expect(declared.filter((name) => !came.includes(name))).toEqual([])
  })
})

it('no event is of a type that the table does not have', () => {
  const types: readonly string[] = IN_FEED
  expect(happened.map(({ type }) => type).filter((type) => !types.includes(type))).toEqual([])
})

test('an event with a wrong payload does not compile', () => {
  // @ts-expect-error there is no such type
  bookingRecord('id', 'booking.upgraded', null, { status: 'confirmed' })
  // @ts-expect-error the status of another type
  bookingRecord('id', 'booking.no_show', null, { status: 'completed' })
  // @ts-expect-error a field is missing
  partRecord('id', 'id', 'payment.processing', null, { status: 'processing' })
  const facts = { ticketId: '', status: 'checked_in', gate: '', at: new Date() } as const
  // @ts-expect-error a field too many
  partRecord('id', 'id', 'ticket.checked_in', null, { ...facts, by: '' })
  const change = { organizerId: null, entityId: 'id' }
  const organizer = { name: '', feeBasisPoints: 0, trustedNetworks: [] }
  const changes: Change[] = [
    { ...change, type: 'organizer.created', after: { ...organizer, contactEmail: 'set' } },
    // @ts-expect-error an address may be a person's
    { ...change, type: 'organizer.created', after: { ...organizer, contactEmail: 'ada@example.com' } },
    // @ts-expect-error it says nothing more
    { ...change, type: 'layout.deleted', after: { version: 1 } },
  ]
  expect(changes).toHaveLength(3)
})
