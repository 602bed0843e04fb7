import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi'
import { z } from 'zod'
import { ACCESS } from './access.ts'
import type { Answer, Operation } from './operation.ts'
import { type ProblemCode, PROBLEMS } from './problems.ts'
import { problem } from './schemas/problem.ts'

const PREFER = z
  .string()
  .meta({ description: '`wait=N`: wait up to N (0 to 25) seconds for the outcome', example: 'wait=10' })
const IDEMPOTENCY_KEY = z
  .string()
  .max(255)
  .meta({ description: 'The same key and body again is the same request', example: 'order-1' })

/** The OpenAPI 3.1 description of `operations`, from the schemas that validate. */
export function openApiDocument(operations: readonly Operation[], version: string, serverUrl: string) {
  const paths: ZodOpenApiPathsObject = {}
  for (const declared of operations) {
    paths[declared.path] = { ...paths[declared.path], [declared.method]: describe(declared) }
  }
  return createDocument({
    openapi: '3.1.1',
    info: {
      title: 'Boxoffice',
      version,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      description: 'Booking requests for scarce places get a place in line and exactly one outcome, in order.',
    },
    servers: [{ url: serverUrl }],
    tags: [...new Set(operations.map(({ tag }) => tag))].map((name) => ({ name })),
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'A JSON Web Token, a guest token or an API key' },
      },
    },
    paths,
  })
}

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
    ...(declared.body !== undefined && {
      requestBody: {
        required: !declared.body.safeParse(undefined).success,
        content: {
          'application/json': {
            schema: declared.body,
            ...(declared.bodyExample !== undefined && { example: declared.bodyExample }),
          },
        },
      },
    }),
    responses: {
      ...Object.fromEntries(Object.entries(declared.answers).map(([status, answer]) => [status, answered(answer)])),
      ...problemsOf(declared),
    },
  }
}

function answered({ description, schema, contentType, example }: Answer) {
  if (schema === undefined && contentType === undefined) return { description }
  const type = contentType ?? 'application/json'
  return {
    description,
    content: { [type]: { ...(schema !== undefined && { schema }), ...(example !== undefined && { example }) } },
  }
}

/** What every call of its kind may answer, beside what the operation names. */
export function problemCodesOf({ access, params, query, body, keyed, problems, limit }: Operation): ProblemCode[] {
  const { roles, verdicts } = ACCESS[access]
  const answers = new Set(Object.values(verdicts))
  return [
    ...new Set<ProblemCode>([
      ...(query !== undefined || body !== undefined ? (['invalid_request'] as const) : []),
      ...(body !== undefined ? (['malformed_json', 'body_too_large', 'unsupported_media_type'] as const) : []),
      ...(roles === null ? [] : (['unauthenticated'] as const)),
      ...(answers.has(403) ? (['forbidden'] as const) : []),
      ...(answers.has(404) || params !== undefined ? (['not_found'] as const) : []),
      ...(keyed === true
        ? (['invalid_idempotency_key', 'idempotency_key_in_flight', 'idempotency_key_reused'] as const)
        : []),
      ...problems,
      ...(limit === 'none' ? [] : (['too_many_requests'] as const)),
      'internal_error',
      'unavailable',
    ]),
  ]
}

function problemsOf(declared: Operation) {
  const byStatus = Map.groupBy(problemCodesOf(declared), (code) => PROBLEMS[code].status)
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [
      String(status),
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
