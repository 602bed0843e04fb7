import { z } from 'zod'
import { ACCESS, type Actor } from '@boxoffice/contract/access.ts'
import { openApiDocument, problemCodesOf } from '@boxoffice/contract/openapi.ts'
import type { Operation } from '@boxoffice/contract/operation.ts'
import { OPERATIONS } from '@boxoffice/contract/operations.ts'
import { PROBLEMS } from '@boxoffice/core/domain/problems.ts'
import { TRANSPORT_PROBLEMS } from '@boxoffice/contract/problems.ts'
import { alternativesOf, fieldsOf, type JsonSchema, jsonSchema, typeOf } from './json-schema.ts'
import { markdownTable } from './markdown-table.ts'

const content = z.record(z.string(), z.object({ schema: jsonSchema.optional() })).optional()

/** The parts of the OpenAPI document that the page describes. */
const described = z.object({
  paths: z.record(
    z.string(),
    z.record(
      z.string(),
      z.object({
        parameters: z
          .array(z.object({ in: z.string(), name: z.string(), required: z.boolean().optional(), schema: jsonSchema }))
          .optional(),
        requestBody: z.object({ content, required: z.boolean().optional() }).optional(),
        responses: z.record(z.string(), z.object({ description: z.string().optional(), content })),
      }),
    ),
  ),
  components: z.object({ schemas: z.record(z.string(), jsonSchema) }),
})
type Described = z.infer<typeof described>
type DescribedCall = Described['paths'][string][string]

/** Operations by path, because the order of a module's exports depends on the loader. */
const METHODS = ['get', 'post', 'put', 'patch', 'delete']
const SORTED = OPERATIONS.toSorted(
  (a, b) => compare(a.path, b.path) || METHODS.indexOf(a.method) - METHODS.indexOf(b.method),
)

/** Problems that any call may return; each call lists only its others. */
const COMMON = new Set<string>([...TRANSPORT_PROBLEMS, 'internal_error', 'unavailable'])

/** Returns docs/reference.md: every call of the API, every schema and every problem, from the contract. */
export function referencePage(): string {
  const { paths, components } = described.parse(openApiDocument(OPERATIONS, '', '/'))
  const tags = [...new Set(SORTED.map(({ tag }) => tag))].toSorted()
  return (
    [
      '# HTTP reference\n\nThis page lists every call, field and problem. [http.md](http.md) explains the concepts. A running API serves the same content at `/docs` and `/openapi.json`.',
      tags.map((tag) => `- [${tag}](#${anchorOf(tag)})`).join('\n'),
      ...tags.flatMap((tag) => [`## ${tag}`, ...SORTED.filter((one) => one.tag === tag).map(callOf)]),
      '## Schemas',
      ...Object.entries(components.schemas)
        .toSorted(([a], [b]) => compare(a, b))
        .map(([name, schema]) => section(`### ${name}`, schema.description, fields(schema))),
      '## Problems',
      'Errors are problem details (RFC 9457). Any call may return the transport problems, `internal_error` and `unavailable`; each call lists only its others.',
      markdownTable(
        ['code', 'status', 'when'],
        Object.entries(PROBLEMS).map(([code, { status, when }]) => [`\`${code}\``, String(status), when]),
      ),
    ].join('\n\n') + '\n'
  )

  function callOf(operation: Operation): string {
    const call = paths[operation.path]?.[operation.method]
    if (call === undefined) throw new Error(`the OpenAPI document lacks ${operation.id}`)
    const answers = Object.entries(call.responses).filter(([status]) => Number(status) < 400)
    const problems = problemCodesOf(operation).filter((code) => !COMMON.has(code))
    return section(
      `### \`${operation.method.toUpperCase()} ${operation.path}\``,
      `${operation.summary}. ${operation.description ?? ''}`.trim(),
      callersOf(operation),
      parameters(call),
      body(call),
      answers
        .map(([status, { description = '', content: sent }]) => `- **${status}** ${description}${schemaOf(sent)}`)
        .join('\n'),
      problems.length === 0 ? '' : `Problems: ${problems.map((code) => `\`${code}\``).join(', ')}.`,
    )
  }
}

function compare(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

function section(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== '').join('\n\n')
}

/** Callers by the actors that may; an owner is named where not every customer may. */
const CALLERS: readonly (readonly [actor: Actor, caller: string])[] = [
  ['customer', 'customers'],
  ['owner', 'the owner'],
  ['staff', 'staff'],
  ['organizer', 'organizers'],
  ['admin', 'admins'],
]

function callersOf({ access, scope }: Operation): string {
  const { roles, verdicts } = ACCESS[access]
  if (roles === null) return 'Open to everyone, without a token.'
  const key = scope === null ? 'API keys cannot call it.' : `API keys need the scope \`${scope}\`.`
  const callers = CALLERS.filter(
    ([actor]) => verdicts[actor] === 'allow' && !(actor === 'owner' && verdicts.customer === 'allow'),
  )
  return `Callers: ${callers.map(([, caller]) => caller).join(', ')}. ${key}`
}

function parameters({ parameters: all = [] }: DescribedCall): string {
  if (all.length === 0) return ''
  const rows = all.map(({ in: place, name, required = false, schema }) => [
    `\`${name}\``,
    place,
    `${typeOf(schema)}${required ? '' : ', optional'}${schema.default === undefined ? '' : `, default \`${JSON.stringify(schema.default)}\``}`,
    cell(schema.description),
  ])
  return markdownTable(['parameter', 'in', 'type', 'meaning'], rows)
}

function body({ requestBody }: DescribedCall): string {
  const schema = requestBody?.content?.['application/json']?.schema
  if (schema === undefined) return ''
  if (schema.$ref !== undefined) return `Body: ${typeOf(schema)}.`
  if (Object.keys(schema.properties ?? {}).length === 0 && alternativesOf(schema).length === 0) {
    return 'Body: none, or `{}`.'
  }
  return section(requestBody?.required === false ? 'The body may be left out.' : '', fields(schema))
}

function fields(schema: JsonSchema): string {
  const variants = alternativesOf(schema).filter(({ properties }) => properties !== undefined)
  if (variants.length > 0) return section('One of these:', ...variants.map(fields))
  const rows = fieldsOf(schema).map(({ name, type, isRequired, standard, description }) => [
    `\`${name}\``,
    cell(
      `${type}${isRequired ? '' : ', optional'}${standard === undefined ? '' : `, default \`${JSON.stringify(standard)}\``}`,
    ),
    // A list of meanings has a page of its own.
    description.startsWith('- ') ? 'See [refusals.md](refusals.md#codes)' : cell(description),
  ])
  return rows.length === 0 ? typeOf(schema) : markdownTable(['field', 'type', 'meaning'], rows)
}

/** Returns a text for a cell of a table. */
function cell(text = ''): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ')
}

function schemaOf(sent: z.infer<typeof content>): string {
  const [type, { schema } = {}] = Object.entries(sent ?? {})[0] ?? []
  if (type === undefined) return ''
  if (schema === undefined) return ` (\`${type}\`)`
  if (schema.$ref !== undefined) return `: ${typeOf(schema)}`
  const item = schema.properties?.['items']?.items
  const names = `\`{${Object.keys(schema.properties ?? {}).join(', ')}}\``
  return item?.$ref === undefined ? `: ${names}` : `: ${names} of ${typeOf(item)}`
}

function anchorOf(title: string): string {
  return title.toLowerCase().replaceAll(' ', '-')
}
