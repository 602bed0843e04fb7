import { z } from 'zod'

/** The parts of a JSON Schema that the reference describes. */
export interface JsonSchema {
  readonly $ref?: string | undefined
  readonly type?: string | readonly string[] | undefined
  readonly format?: string | undefined
  readonly description?: string | undefined
  readonly enum?: readonly unknown[] | undefined
  readonly const?: unknown
  readonly default?: unknown
  readonly minimum?: number | undefined
  readonly maximum?: number | undefined
  readonly minLength?: number | undefined
  readonly maxLength?: number | undefined
  readonly minItems?: number | undefined
  readonly maxItems?: number | undefined
  readonly items?: JsonSchema | undefined
  readonly anyOf?: readonly JsonSchema[] | undefined
  readonly oneOf?: readonly JsonSchema[] | undefined
  readonly properties?: Readonly<Record<string, JsonSchema>> | undefined
  readonly required?: readonly string[] | undefined
}

/** Reads any document as a JSON Schema; unknown members are dropped. */
export const jsonSchema: z.ZodType<JsonSchema> = z.lazy(() =>
  z.object({
    $ref: z.string().optional(),
    type: z.union([z.string(), z.array(z.string())]).optional(),
    format: z.string().optional(),
    description: z.string().optional(),
    enum: z.array(z.unknown()).optional(),
    const: z.unknown().optional(),
    default: z.unknown().optional(),
    minimum: z.number().optional(),
    maximum: z.number().optional(),
    minLength: z.number().optional(),
    maxLength: z.number().optional(),
    minItems: z.number().optional(),
    maxItems: z.number().optional(),
    items: jsonSchema.optional(),
    anyOf: z.array(jsonSchema).optional(),
    oneOf: z.array(jsonSchema).optional(),
    properties: z.record(z.string(), jsonSchema).optional(),
    required: z.array(z.string()).optional(),
  }),
)

/** A field of an object, as one row of a table. */
export interface FieldRow {
  /** `customer.email`, `tickets[].quantity` */
  readonly name: string
  readonly type: string
  readonly isRequired: boolean
  /** Default, as JSON has it. */
  readonly standard: unknown
  readonly description: string
}

/** Returns the fields of an object, those of nested objects after their own. References are left to their own section. */
export function fieldsOf(schema: JsonSchema, prefix = ''): readonly FieldRow[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, field]) => {
    const name = `${prefix}${key}`
    const row = {
      name,
      type: typeOf(field),
      isRequired: schema.required?.includes(key) ?? false,
      standard: field.default,
      description: descriptionOf(field),
    }
    return [row, ...nestedFields(field, name)]
  })
}

function nestedFields(field: JsonSchema, name: string): readonly FieldRow[] {
  const object = alternativesOf(field).find(({ properties }) => properties !== undefined) ?? field
  if (object.properties !== undefined) return fieldsOf(object, `${name}.`)
  const items = alternativesOf(field).find((one) => one.items !== undefined)?.items ?? field.items
  return items === undefined ? [] : nestedFields(items, `${name}[]`)
}

/** Returns the alternatives of a schema; none if it has one form. */
export function alternativesOf(schema: JsonSchema): readonly JsonSchema[] {
  return schema.anyOf ?? schema.oneOf ?? []
}

function descriptionOf(field: JsonSchema): string {
  return field.description ?? ''
}

/** Returns a type in words: `string, at most 40 characters`, `"showtime" or "event"`, `Booking or null`. */
export function typeOf(schema: JsonSchema): string {
  if (schema.$ref !== undefined) return linkOf(schema.$ref)
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${JSON.stringify(value)}\``).join(', ')
  const alternatives = alternativesOf(schema)
  if (alternatives.length > 0) return [...new Set(alternatives.map(typeOf))].join(' or ')
  const types = typeof schema.type === 'string' ? [schema.type] : (schema.type ?? ['any'])
  const named = types.map((type) => {
    if (type === 'array') return arrayOf(schema)
    if (type === 'string' && schema.format !== undefined) return FORMATS.get(schema.format) ?? schema.format
    return type
  })
  return [named.join(' or '), ...boundsOf(schema)].join(', ')
}

const FORMATS: ReadonlyMap<string, string> = new Map([
  ['uuid', 'UUID'],
  ['date-time', 'time (RFC 3339)'],
  ['email', 'e-mail address'],
  ['uri', 'URL'],
])

/** Returns an array in words: `array of 1 to 100: string, at most 16 characters`. */
function arrayOf({ items, minItems, maxItems }: JsonSchema): string {
  if (maxItems === 0) return 'empty array'
  const size = rangeOf(minItems, maxItems, '')
  const item = items === undefined ? 'any' : typeOf(items)
  return size === '' ? `array of ${item}` : `array of ${size}: ${item}`
}

function boundsOf(schema: JsonSchema): readonly string[] {
  return [
    rangeOf(schema.minimum, schema.maximum, ''),
    rangeOf(schema.minLength, schema.maxLength, ' characters'),
  ].filter((bound) => bound !== '')
}

function rangeOf(min: number | undefined, max: number | undefined, unit: string): string {
  if (min !== undefined && max !== undefined) return `${min} to ${max}${unit}`
  if (max !== undefined) return `at most ${max}${unit}`
  return min === undefined || min === 0 ? '' : `at least ${min}${unit}`
}

/** Returns a link to the section of a component: `#/components/schemas/Booking` is `[Booking](#booking)`. */
function linkOf(reference: string): string {
  const name = reference.slice(reference.lastIndexOf('/') + 1)
  return `[${name}](#${name.toLowerCase()})`
}
