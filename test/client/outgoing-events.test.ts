import { describe, expect, it } from 'vitest'
import { eventExample } from '@boxoffice/contract/outgoing-events/event-schema.ts'
import {
  type OutgoingEventType,
  OUTGOING_EVENT_TYPES,
  type PayloadOf,
} from '@boxoffice/core/domain/outgoing-events/outgoing-events.ts'
import type { OutgoingEventData } from '../../packages/client/src/api.ts'
import { type OutgoingEvent, parseOutgoingEvent } from '../../packages/client/src/outgoing-event.ts'

describe('an outgoing event', () => {
  it.each(OUTGOING_EVENT_TYPES)(
    'of the type %s is known, as the body of a webhook and as an item of the feed',
    (type) => {
      const event = eventExample(type)
      expect(parseOutgoingEvent(JSON.stringify(event))).toEqual(event)
      expect(parseOutgoingEvent({ id: 'e1', ...event })).toEqual({ id: 'e1', ...event })
    },
  )

  it('has the data of its type', () => {
    const sumOf = (event: OutgoingEvent | null) => {
      switch (event?.type) {
        case 'booking.created':
          return event.data.total
        case 'refund.completed':
          return -event.data.amount
        default:
          return 0
      }
    }
    const sums = (['booking.created', 'refund.completed', 'venue.updated'] as const).map((type) =>
      sumOf(parseOutgoingEvent(eventExample(type))),
    )
    expect(sums).toEqual([1200, -1200, 0])
  })

  it('of a type that came later is nothing yet', () => {
    expect(parseOutgoingEvent({ ...eventExample('booking.created'), type: 'booking.upgraded' })).toBeNull()
    expect(parseOutgoingEvent({ ...eventExample('booking.created'), type: 'toString' })).toBeNull()
  })

  it.each(['null', '1', '[]', '{}', '{"type":1,"data":{}}', '{"type":"booking.created","data":null}'])(
    'is not %s',
    (body) => {
      expect(() => parseOutgoingEvent(body)).toThrow('This is no outgoing event.')
    },
  )
})

// The compiler checks that the client's types are the ones that the writers of events are held to.

/** A value as JSON has it. */
type Wire<Value> = Value extends Date
  ? string
  : Value extends readonly (infer Item)[]
    ? Wire<Item>[]
    : Value extends object
      ? { [Name in keyof Value]: Wire<Value[Name]> }
      : Value

type Complete<Value> = { [Name in keyof Value]-?: Exclude<Value[Name], undefined> }

/** `true` if the client reads exactly what is written: every field, with none that it knows missing. */
type IsRead<Written, Read> = [Written] extends [Read]
  ? [Complete<Read>] extends [Complete<Written>]
    ? true
    : false
  : false

/** The types that differ. */
type Different = {
  [T in OutgoingEventType]: IsRead<Wire<PayloadOf<T>>, OutgoingEventData[T]> extends true ? never : T
}[OutgoingEventType]

it('has the data that its writers are held to', () => {
  const noneDiffers: [Different] extends [never] ? true : Different = true
  expect(noneDiffers).toBe(true)
})
