import { z } from 'zod'
import {
  OUTGOING_EVENTS,
  type OutgoingEventType,
  SUBJECTS,
} from '@boxoffice/core/domain/outgoing-events/outgoing-events.ts'
import type { Fields } from '@boxoffice/core/domain/outgoing-events/payload.ts'
import { id, instant } from '@boxoffice/core/fields/values.ts'
import { type ObjectOf, payloadExample, payloadSchema } from './payload-schema.ts'

/** Returns all fields of a type's `data`, those of its subject first. */
function fieldsOf(type: OutgoingEventType): Fields {
  const { subject, fields } = OUTGOING_EVENTS[type]
  return { ...SUBJECTS[subject].fields, ...fields }
}

/** Returns the schema of a type's `data`. */
export function dataSchema(type: OutgoingEventType, objectOf: ObjectOf = z.object): z.ZodObject {
  return payloadSchema(fieldsOf(type), objectOf)
}

/** Returns the schema of an event of this type as webhooks post it. New fields may come. */
export function eventSchema(type: OutgoingEventType): z.ZodObject {
  const { subject } = OUTGOING_EVENTS[type]
  return z.object({
    type: z.literal(type),
    timestamp: instant,
    organizerId: subject === 'test' ? id.nullable() : id,
    entityId: id.meta({ description: `Id of ${SUBJECTS[subject].about}` }),
    seq: z.int().min(1).meta({ description: 'Counts the events of the entity: 1, 2, 3, … without gaps' }),
    data: dataSchema(type),
  })
}

/** Returns an event of this type as an example shows it. */
export function eventExample(type: OutgoingEventType) {
  return {
    type,
    timestamp: '2026-11-22T18:00:00.000Z',
    organizerId: '01890000-0000-7000-8000-0000000000b1',
    entityId: '01890000-0000-7000-8000-0000000000c1',
    seq: 3,
    data: payloadExample(fieldsOf(type)),
  }
}
