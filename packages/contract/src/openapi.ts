import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi'
import { z } from 'zod'
import { ACCESS } from './access.ts'
import type { Answer, Operation } from './operation.ts'
import { webhooks } from './outgoing-events/webhooks.ts'
import { type ProblemCode, PROBLEMS } from '@boxoffice/core/domain/problems.ts'
import { TRANSPORT_PROBLEMS } from './problems.ts'
import { problem } from './schemas/problem.ts'

const ABOUT = [
  'Booking requests for scarce places get a place in line and exactly one outcome, in order.',
  'Amounts are integers in minor units of the `currency` beside them, times are RFC 3339 in UTC, and what a caller may not see answers 404, the same as what does not exist.',
  `Errors are problems (RFC 9457): go by their \`code\`. Any request may be answered with ${listed(TRANSPORT_PROBLEMS)}.`,
].join('\n\n')

function listed(codes: readonly ProblemCode[]): string {
  return new Intl.ListFormat('en', { type: 'disjunction' }).format(codes.map((code) => `\`${code}\``))
}

const PREFER = z
  .string()
  .meta({ description: '`wait=N`: wait up to N (0 to 25) seconds for the outcome', example: 'wait=10' })
const IDEMPOTENCY_KEY = z
  .string()
  .max(255)
  .meta({ description: 'The same key and body again return the same thing', example: 'order-1' })
const IF_NONE_MATCH = z.string().meta({ description: '`ETag` of the response that you have', example: '"3"' })

/** Returns the OpenAPI 3.1 description of `operations`, from the schemas that validate. */
export function openApiDocument(operations: readonly Operation[], version: string, serverUrl: string) {
  const paths: ZodOpenApiPathsObject = {}
  for (const declared of operations) {
    paths[declared.path] = { ...paths[declared.path], [declared.method]: describe(declared) }
  }
  const document = createDocument({
    openapi: '3.1.1',
    info: {
      title: 'Boxoffice',
      version,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      description: ABOUT,
    },
    servers: [{ url: serverUrl }],
    tags: [...new Set(operations.map(({ tag }) => tag))].map((name) => ({ name })),
    components: {
      responses: problemResponses(operations),
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'A JSON Web Token, a guest token or an API key' },
      },
    },
    paths,
    webhooks: webhooks(),
  })
  return tidied(document)
}

/** Returns a document without repetitions: the pattern of a format, the largest integer. */
function tidied<Document>(document: Document): Document {
  return JSON.parse(JSON.stringify(document), (_, value: unknown) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
    const repeats = ('format' in value && FORMATS_WITH_PATTERN.has(value.format)) || isInteger(value)
    return Object.fromEntries(
      Object.entries(value).filter(
        ([key, part]) =>
          !(repeats && key === 'pattern') && !(Math.abs(Number(part)) === Number.MAX_SAFE_INTEGER && BOUNDS.has(key)),
      ),
    )
  }) as Document
}

const FORMATS_WITH_PATTERN: ReadonlySet<unknown> = new Set(['uuid', 'date-time', 'email'])
const BOUNDS: ReadonlySet<string> = new Set(['minimum', 'maximum'])
const isInteger = (value: object) => 'type' in value && value.type === 'integer'

function describe(declared: Operation): ZodOpenApiOperationObject {
  const { roles } = ACCESS[declared.access]
  const notes = [
    declared.description,
    roles === null ? undefined : `For: ${roles.join(', ')}.`,
    declared.scope === null ? undefined : `API keys need the scope \`${declared.scope}\`.`,
  ]
  const header = {
    ...(declared.keyed === true && { 'Idempotency-Key': IDEMPOTENCY_KEY.optional() }),
    ...(declared.waits === true && { Prefer: PREFER.optional() }),
    ...(304 in declared.answers && { 'If-None-Match': IF_NONE_MATCH.optional() }),
  }
  return {
    operationId: declared.id,
    tags: [declared.tag],
    summary: declared.summary,
    description: notes.filter((note) => note !== undefined).join('\n\n'),
    security: roles === null ? [] : [{ bearer: [] }],
    requestParams: {
      ...(declared.params instanceof z.ZodObject && { path: declared.params }),
      ...(declared.query instanceof z.ZodObject && { query: declared.query }),
      ...(Object.keys(header).length > 0 && { header: z.object(header) }),
    },
    ...(declared.takesBytes === true && {
      requestBody: { required: true, content: { '*/*': { schema: z.unknown() } } },
    }),
    ...(declared.body !== undefined && {
      requestBody: {
        required: !declared.body.safeParse(undefined).success,
        content: {
          'application/json': {
            schema: declared.body,
            ...(declared.bodyExample !== undefined && { example: declared.bodyExample }),
          },
          ...Object.fromEntries((declared.alsoTakes ?? []).map((type) => [type, { schema: z.string() }])),
        },
      },
    }),
    responses: {
      ...Object.fromEntries(
        Object.entries(declared.answers).map(([status, answer]) => [status, answered(declared, answer)]),
      ),
      ...problemsOf(declared),
    },
  }
}

function answered(
  declared: Operation,
  { description, schema, contentType, preferredType, example, headers: own }: Answer,
) {
  const headers = headersOf({
    ...own,
    ...(304 in declared.answers && { ETag: 'Changes with the answer' }),
    ...(declared.keyed === true && { 'Idempotency-Replayed': '`true` if the key was used before' }),
    ...(declared.waits === true && {
      'Preference-Applied': 'Confirms `Prefer: wait=N`',
      'Retry-After': 'Seconds until the next poll, while it is queued',
    }),
  })
  if (schema === undefined && contentType === undefined) return { description, ...headers }
  const type = contentType ?? 'application/json'
  return {
    description,
    ...headers,
    content: {
      [type]: { ...(schema !== undefined && { schema }), ...(example !== undefined && { example }) },
      ...(preferredType !== undefined && { [preferredType]: {} }),
    },
  }
}

function headersOf(described: Readonly<Record<string, string>>) {
  const entries = Object.entries(described)
  if (entries.length === 0) return {}
  return {
    headers: Object.fromEntries(
      entries.map(([name, description]) => [name, { description, schema: { type: 'string' as const } }]),
    ),
  }
}

/** Returns every problem that the operation may answer: its own, and those of all calls of its kind. */
export function problemCodesOf(declared: Operation): ProblemCode[] {
  const { params, query, body, problems } = declared
  const { roles, verdicts } = ACCESS[declared.access]
  const answers = new Set(Object.values(verdicts))
  return [
    ...new Set<ProblemCode>([
      ...(query !== undefined || body !== undefined ? (['invalid_request'] as const) : []),
      ...(body !== undefined ? (['malformed_json', 'body_too_large', 'unsupported_media_type'] as const) : []),
      ...(declared.takesBytes === true ? (['body_too_large'] as const) : []),
      ...(declared.waits === true ? (['invalid_prefer'] as const) : []),
      // Forbidden at the least to API keys without the scope.
      ...(roles === null ? [] : (['unauthenticated', 'forbidden'] as const)),
      ...(answers.has(404) || params !== undefined ? (['not_found'] as const) : []),
      ...(declared.keyed === true
        ? (['invalid_idempotency_key', 'idempotency_key_in_flight', 'idempotency_key_reused'] as const)
        : []),
      ...problems,
      ...(declared.limit === 'none' ? [] : (['too_many_requests'] as const)),
      'internal_error',
      'unavailable',
    ]),
  ]
}

/** Returns the problems of an operation by status, as references to `problemResponses`. */
function problemsOf(declared: Operation) {
  return Object.fromEntries(
    problemSetsOf(declared).map(([status, codes]) => [
      String(status),
      { $ref: `#/components/responses/${responseName(codes)}` as const },
    ]),
  )
}

/** Returns each set of problems once, because most operations share most of theirs. */
function problemResponses(operations: readonly Operation[]) {
  const sets = operations.flatMap(problemSetsOf).map(([, codes]) => [responseName(codes), codes] as const)
  return Object.fromEntries(
    [...new Map(sets)].map(([name, codes]) => [
      name,
      {
        description: codes.map((code) => `\`${code}\`: ${PROBLEMS[code].title}`).join('. '),
        content: {
          'application/problem+json': {
            schema: problem,
            examples: Object.fromEntries(codes.map((code) => [code, { value: exampleOf(code) }])),
          },
        },
      },
    ]),
  )
}

function problemSetsOf(declared: Operation): [number, ProblemCode[]][] {
  return [...Map.groupBy(problemCodesOf(declared), (code) => PROBLEMS[code].status)]
}

const responseName = (codes: readonly ProblemCode[]) => codes.toSorted().join('.')

function exampleOf(code: ProblemCode) {
  const { status, title } = PROBLEMS[code]
  return {
    type: `urn:boxoffice:problem:${code}`,
    title,
    status,
    code,
    detail: `${title}.`,
    errors: [],
    requestId: '6f1c1b5e-1f0a-4f5e-9d5c-2f6f6b7c1a10',
  }
}
