import fc from 'fast-check'

/** The part of JSON Schema 2020-12 that our OpenAPI document uses. */
export interface JsonSchema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly JsonSchema[]
  readonly oneOf?: readonly JsonSchema[]
  readonly allOf?: readonly JsonSchema[]
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean | JsonSchema
  readonly propertyNames?: JsonSchema
  readonly items?: JsonSchema
  readonly prefixItems?: readonly JsonSchema[]
  readonly minItems?: number
  readonly maxItems?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly pattern?: string
  readonly format?: string
}

export type Components = Readonly<Record<string, JsonSchema>>

/** Generates values that the schema accepts, small ones mostly. Follows `#/components/schemas/…`. */
export function valuesOf(schema: JsonSchema, components: Components): fc.Arbitrary<unknown> {
  const of = (part: JsonSchema) => valuesOf(part, components)
  if (schema.$ref !== undefined) {
    const referred = components[schema.$ref.replace('#/components/schemas/', '')]
    if (referred === undefined) throw new Error(`${schema.$ref} leads nowhere`)
    return of(referred)
  }
  if (schema.const !== undefined) return fc.constant(schema.const)
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum)
  const choices = schema.anyOf ?? schema.oneOf
  if (choices !== undefined) return fc.oneof(...choices.map(of))
  if (schema.allOf !== undefined && schema.type === 'string') {
    // Several patterns of one text.
    const patterns = schema.allOf.flatMap(({ pattern }) => (pattern === undefined ? [] : [new RegExp(pattern, 'u')]))
    return strings(schema).filter((text) => patterns.every((pattern) => pattern.test(text)))
  }
  if (schema.allOf !== undefined) {
    return fc.tuple(...schema.allOf.map(of)).map((parts) => Object.assign({}, ...parts) as unknown)
  }
  const types = typeof schema.type === 'string' ? [schema.type] : (schema.type ?? [])
  if (types.length > 1) return fc.oneof(...types.map((type) => of({ ...schema, type })))
  switch (types[0]) {
    case 'object':
      return objects(schema, of)
    case 'array':
      return arrays(schema, of)
    case 'string':
      return strings(schema)
    case 'integer':
      return integers(schema)
    case 'number':
      return fc.double({
        min: schema.minimum ?? -1e6,
        max: schema.maximum ?? 1e6,
        noNaN: true,
        noDefaultInfinity: true,
      })
    case 'boolean':
      return fc.boolean()
    case 'null':
      return fc.constant(null)
    default:
      return fc.jsonValue({ maxDepth: 2 })
  }
}

function objects(
  { properties = {}, required = [], additionalProperties, propertyNames }: JsonSchema,
  of: (schema: JsonSchema) => fc.Arbitrary<unknown>,
): fc.Arbitrary<unknown> {
  const known = fc.record(Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, of(schema)])), {
    requiredKeys: [...required],
    noNullPrototype: true,
  })
  if (typeof additionalProperties !== 'object') return known
  const names = propertyNames === undefined ? fc.string({ maxLength: 5 }) : of(propertyNames).map(String)
  return fc
    .tuple(fc.dictionary(names, of(additionalProperties), { maxKeys: 3, noNullPrototype: true }), known)
    .map(([more, own]) => ({ ...more, ...own }))
}

function arrays(
  { items = {}, prefixItems, minItems = 0, maxItems = 20 }: JsonSchema,
  of: (schema: JsonSchema) => fc.Arbitrary<unknown>,
): fc.Arbitrary<unknown> {
  if (prefixItems !== undefined) return fc.tuple(...prefixItems.map(of))
  return fc.array(of(items), { minLength: minItems, maxLength: Math.max(minItems, Math.min(maxItems, 3)) })
}

const MAX_TEXT = 40

function strings({ pattern, format, minLength = 0, maxLength = MAX_TEXT }: JsonSchema): fc.Arbitrary<string> {
  switch (format) {
    case 'uuid':
      return fc.uuid()
    case 'date-time':
      return fc
        .date({ min: new Date('2000-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })
        .map((at) => at.toISOString())
    case 'date':
      return fc
        .date({ min: new Date('2000-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })
        .map((at) => at.toISOString().slice(0, 10))
    case 'email':
      return fc.constantFrom('ada@example.org', 'grace.hopper+box@example.com', 'o-ya@sub.example.net')
    case 'uri':
      return fc.constantFrom('https://shop.example/hooks', 'https://shop.example:8443/a?b=c', 'http://127.0.0.1/')
    default:
      return plainStrings({ pattern, minLength, maxLength })
  }
}

function plainStrings({
  pattern,
  minLength,
  maxLength,
}: {
  pattern: string | undefined
  minLength: number
  maxLength: number
}) {
  const bounds = { minLength, maxLength: Math.max(minLength, Math.min(maxLength, MAX_TEXT)) }
  if (pattern === undefined) return fc.string({ ...bounds, unit: 'grapheme' })
  try {
    return fc.stringMatching(new RegExp(pattern, 'u'), { size: 'xsmall' })
  } catch {
    // A pattern that the generator cannot read (look-around): plain letters fit most of ours.
    return fc.stringMatching(/^[A-Za-z][A-Za-z0-9]{0,7}$/)
  }
}

function integers({ minimum, maximum }: JsonSchema): fc.Arbitrary<number> {
  const min = Math.max(minimum ?? -1_000, Number.MIN_SAFE_INTEGER)
  const max = Math.min(maximum ?? Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)
  return fc.oneof(fc.integer({ min, max: Math.min(max, min + 20) }), fc.constantFrom(min, max))
}
