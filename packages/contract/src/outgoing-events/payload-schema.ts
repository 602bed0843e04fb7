import { z } from 'zod'
import type { Field, Fields } from '@boxoffice/core/domain/outgoing-events/payload.ts'
import { amount, currency, id, instant } from '@boxoffice/core/fields/values.ts'
import { reference } from '../fields.ts'

/** Makes an object's schema: `z.object` lets unknown fields through, `z.strictObject` does not. */
export type ObjectOf = (shape: Readonly<Record<string, z.ZodType>>) => z.ZodObject

/** Returns the schema of a payload as it is on the wire. */
export function payloadSchema(fields: Fields, objectOf: ObjectOf): z.ZodObject {
  return objectOf(Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, described(field, objectOf)])))
}

function described(field: Field, objectOf: ObjectOf): z.ZodType {
  const schema = schemaOf(field, objectOf)
  return field.about === undefined ? schema : schema.meta({ description: field.about })
}

const SIMPLE = { id, reference, currency, amount, instant } as const

function schemaOf(field: Field, objectOf: ObjectOf): z.ZodType {
  switch (field.kind) {
    case 'id':
    case 'reference':
    case 'currency':
    case 'amount':
    case 'instant':
      return SIMPLE[field.kind]
    case 'text':
      return z.string().meta({ example: field.example })
    case 'integer':
      return z.int().meta({ example: field.example })
    case 'one_of':
      return field.values.includes(true) && field.values.includes(false) ? z.boolean() : z.literal([...field.values])
    case 'list':
      return z.array(described(field.of, objectOf))
    case 'map':
      return z.record(z.string(), described(field.of, objectOf))
    case 'nullable':
      return described(field.of, objectOf).nullable()
    case 'optional':
      return described(field.of, objectOf).optional()
    case 'object':
      return payloadSchema(field.fields, objectOf)
  }
}

/** Returns a payload as an example shows it, with all fields that may be missing. */
export function payloadExample(fields: Fields): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, exampleOf(field)]))
}

function exampleOf(field: Field): unknown {
  switch (field.kind) {
    case 'one_of':
      return field.values[0]
    case 'list':
      return [exampleOf(field.of)]
    case 'map':
      return { Stalls: exampleOf(field.of) }
    case 'nullable':
    case 'optional':
      return exampleOf(field.of)
    case 'object':
      return payloadExample(field.fields)
    default:
      return field.example
  }
}
