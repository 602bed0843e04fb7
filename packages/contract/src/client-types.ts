import { z } from 'zod'
import type { Operation } from './operation.ts'
import { PROBLEMS } from '@boxoffice/core/domain/problems.ts'

/**
 * Source of the client's `api.ts`: what every operation takes and answers, as types that need no zod, so that the client
 * can be installed by itself. A schema that has a name in the OpenAPI document has it here too.
 */
export function clientTypes(operations: readonly Operation[]): string {
  const named = new Map<string, z.core.$ZodType>()
  const declared = operations
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
    .map((operation) => `${comment(operation.summary, '  ')}  ${operation.id}: ${partsOf(operation, named)}`)
  // Printing one may bring up others; a Map shows those too while it is walked.
  const printed = new Map<string, string>()
  for (const [name, schema] of named) printed.set(name, print(schema, { side: 'output', named, indent: '', name }))
  const names = [...printed].toSorted(([a], [b]) => (a < b ? -1 : 1))
  return `// Written from the contract by \`npm run client:paths\`; a test holds it against the contract.

/** What every operation takes and answers. */
export interface Operations {
${declared.join('\n')}
}

/** Codes of problems. */
export type ProblemCode =
${Object.keys(PROBLEMS)
  .map((code) => `  | '${code}'`)
  .join('\n')}

${names.map(([name, type]) => `export interface ${name} ${type}\n`).join('\n')}`
}

function partsOf({ params, query, body, answers }: Operation, named: Map<string, z.core.$ZodType>): string {
  const input = (schema: z.ZodType | undefined) =>
    schema === undefined ? 'undefined' : print(schema, { side: 'input', named, indent: '    ' })
  const answered = Object.values(answers)
    .map(({ schema }) => schema)
    .filter((schema) => schema !== undefined)
    .map((schema) => print(schema, { side: 'output', named, indent: '    ' }))
  return `{
    params: ${input(params)}
    query: ${input(query)}
    body: ${input(body)}
    answer: ${answered.length === 0 ? 'undefined' : union(answered)}
  }`
}

interface Place {
  /** Before or after what the schema makes of it. */
  readonly side: 'input' | 'output'
  /** The schemas of answers that are printed under their own name. */
  readonly named: Map<string, z.core.$ZodType>
  readonly indent: string
  /** Set where the schema of this name is itself printed. */
  readonly name?: string
}

function print(schema: z.core.$ZodType, place: Place): string {
  const { side, named } = place
  const { id } = z.globalRegistry.get(schema) ?? {}
  if (side === 'output' && id !== undefined && id !== place.name && schema instanceof z.ZodObject) {
    const known = named.get(id)
    if (known !== undefined && known !== schema) throw new Error(`two schemas are called ${id}`)
    named.set(id, schema)
    return id
  }
  if (schema instanceof z.ZodObject) return printObject(schema, place)
  if (schema instanceof z.ZodString || schema instanceof z.ZodStringFormat) return 'string'
  if (schema instanceof z.ZodNumber) return 'number'
  if (schema instanceof z.ZodBoolean) return 'boolean'
  if (schema instanceof z.ZodNull) return 'null'
  if (schema instanceof z.ZodUnknown) return 'unknown'
  const inner = (part: z.core.$ZodType) => print(part, { side, named, indent: place.indent })
  if (schema instanceof z.ZodLiteral) return union([...schema.values].map(literal))
  if (schema instanceof z.ZodEnum) return union(schema.options.map(literal))
  if (schema instanceof z.ZodNullable) return union([inner(schema.unwrap()), 'null'])
  if (schema instanceof z.ZodOptional) return union([inner(schema.unwrap()), 'undefined'])
  if (schema instanceof z.ZodUnion) return union(schema.options.map(inner))
  if (schema instanceof z.ZodArray) return `${parenthesized(inner(schema.element))}[]`
  if (schema instanceof z.ZodRecord) return `Record<${inner(schema.keyType)}, ${inner(schema.valueType)}>`
  if (schema instanceof z.ZodDefault) {
    return side === 'input' ? union([inner(schema.unwrap()), 'undefined']) : inner(schema.unwrap())
  }
  if (schema instanceof z.ZodPipe) return inner(side === 'input' ? schema.in : schema.out)
  throw new Error(`the client's types cannot say ${schema._zod.def.type} yet`)
}

function printObject(schema: z.ZodObject, { side, named, indent }: Place): string {
  const fields = Object.entries(schema.shape).map(([name, part]) => {
    const isOptional = (side === 'input' ? part._zod.optin : part._zod.optout) !== undefined
    const { description } = z.globalRegistry.get(part) ?? {}
    const type = print(part, { side, named, indent: `${indent}  ` })
    return `${comment(description, `${indent}  `)}${indent}  ${name}${isOptional ? '?' : ''}: ${type}\n`
  })
  return fields.length === 0 ? 'Record<string, never>' : `{\n${fields.join('')}${indent}}`
}

const literal = (value: unknown) => (typeof value === 'string' ? `'${value}'` : String(value))

const union = (types: readonly string[]) => [...new Set(types)].join(' | ')

const parenthesized = (type: string) => (isUnion(type) ? `(${type})` : type)

/** Whether there is a bar that is not inside of braces. */
function isUnion(type: string): boolean {
  let depth = 0
  for (const character of type) {
    if (character === '{') depth += 1
    else if (character === '}') depth -= 1
    else if (character === '|' && depth === 0) return true
  }
  return false
}

const comment = (text: string | undefined, indent: string) => (text === undefined ? '' : `${indent}/** ${text} */\n`)
