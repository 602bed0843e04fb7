import fc from 'fast-check'
import { expect, it } from 'vitest'
import { z } from 'zod'
import type { OperationId } from '@boxoffice/client'
import { ACCESS, type Actor } from '@boxoffice/contract/access.ts'
import type { Operation } from '@boxoffice/contract/operation.ts'
import { OPERATIONS, operations } from '@boxoffice/contract/operations.ts'
import { openApiDocument } from '@boxoffice/contract/openapi.ts'
import { type Components, type JsonSchema, valuesOf } from '../support/json-schema.ts'
import { type Answer, problemSchema } from './start-lifecycle-app.ts'
import { SAMPLE_CALLS, type SampleCall } from './sample-calls.ts'
import { sharedWorld } from './world.ts'

/*
 * Every request that the published description allows is answered, and never with a 500; every other one is refused.
 * `conformance.ts` checks on every call that the answer has no field, status or code that the description lacks.
 */

const world = sharedWorld()

/** The document as clients get it: plain JSON. */
const documentSchema = z.object({
  paths: z.record(z.string(), z.record(z.string(), z.looseObject({ operationId: z.string() }))),
  components: z.object({ schemas: z.record(z.string(), z.custom<JsonSchema>()) }),
})
const DOCUMENT = documentSchema.parse(
  JSON.parse(JSON.stringify(openApiDocument(OPERATIONS, '0.0.0', 'http://localhost'))),
)
const COMPONENTS: Components = DOCUMENT.components.schemas

const described = z.looseObject({
  requestBody: z
    .object({ content: z.object({ 'application/json': z.object({ schema: z.custom<JsonSchema>() }).optional() }) })
    .optional(),
  parameters: z
    .array(
      z.object({ in: z.string(), name: z.string(), schema: z.custom<JsonSchema>(), required: z.boolean().optional() }),
    )
    .optional(),
})

/** Lists all operations but streams, which need not end and are tested by themselves. */
const IDS = (Object.keys(operations) as OperationId[]).filter((id) => !operations[id].path.endsWith('/stream'))

const RUNS = 12

function partsOf(id: OperationId) {
  const operation: Operation = operations[id]
  const { requestBody, parameters = [] } = described.parse(DOCUMENT.paths[operation.path]?.[operation.method])
  return {
    operation,
    bodySchema: requestBody?.content['application/json']?.schema,
    queryParameters: parameters.filter((parameter) => parameter.in === 'query'),
    actor: actorFor(operation),
  }
}

const WITH_BODY = IDS.filter((id) => partsOf(id).bodySchema !== undefined)
const WITH_QUERY = IDS.filter((id) => partsOf(id).operation.query !== undefined)

it.each(IDS)('%s answers what its description lets in, and never with a fault', async (id) => {
  const { operation, bodySchema, queryParameters, actor } = partsOf(id)
  const sample = await SAMPLE_CALLS[id](world)
  const body = bodySchema === undefined ? fc.constant(undefined) : valuesOf(bodySchema, COMPONENTS)
  const query = fc.record(
    Object.fromEntries(queryParameters.map(({ name, schema }) => [name, valuesOf(schema, COMPONENTS).map(String)])),
    {
      requiredKeys: queryParameters.filter(({ required }) => required === true).map(({ name }) => name),
      noNullPrototype: true,
    },
  )
  await fc.assert(
    fc.asyncProperty(body, query, async (anyBody, anyQuery) => {
      expectNoFault(await send(actor, operation, { ...sample, body: anyBody ?? sample.body, query: anyQuery }))
    }),
    { numRuns: RUNS },
  )
})

it.each(WITH_BODY)('%s refuses a body of any other form without a fault', async (id) => {
  const { operation, actor } = partsOf(id)
  const sample = await SAMPLE_CALLS[id](world)
  await fc.assert(
    fc.asyncProperty(fc.jsonValue({ maxDepth: 3 }), async (body) => {
      expectNoFault(await send(actor, operation, { ...sample, body }))
    }),
    { numRuns: RUNS },
  )
})

it.each(WITH_BODY)('%s refuses an unknown field, and says which', async (id) => {
  const { operation, bodySchema, actor } = partsOf(id)
  const sample = await SAMPLE_CALLS[id](world)
  const named = actor === 'admin' && bodySchema?.properties?.['organizerId'] !== undefined
  const known = { ...(named && { organizerId: world.show.organizerId }), ...Object(sample.body) }
  const answer = await send(actor, operation, { ...sample, body: { ...known, surprise: true } })
  expect({ status: answer.status, text: answer.text }).toMatchObject({ status: 400 })
  const { code, errors } = problemSchema.parse(answer.body)
  expect({ code, pointers: errors.map(({ pointer }) => pointer) }).toEqual({
    code: 'invalid_request',
    pointers: ['/surprise'],
  })
})

it.each(WITH_QUERY)('%s refuses an unknown query parameter, and says which', async (id) => {
  const { operation, actor } = partsOf(id)
  const sample = await SAMPLE_CALLS[id](world)
  const answer = await send(actor, operation, { ...sample, query: { ...sample.query, surprise: '1' } })
  expect({ status: answer.status, text: answer.text }).toMatchObject({ status: 400 })
  expect(problemSchema.parse(answer.body).errors.map(({ pointer }) => pointer)).toContain('/surprise')
})

function send(
  actor: Actor,
  { method, path }: Operation,
  { params = {}, query, body, headers }: SampleCall,
): Promise<Answer> {
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? 'missing'))
  const search = query === undefined ? '' : `?${new URLSearchParams(query).toString()}`
  return world.app.send(method.toUpperCase(), `${filled}${search}`, {
    token: world.tokens[actor],
    ...(headers !== undefined && { headers }),
    ...(body !== undefined && { body }),
  })
}

/** Returns the actor who gets furthest. It prefers the organizer, who knows the most ids worth asking for. */
function actorFor({ access }: Operation): Actor {
  const { verdicts } = ACCESS[access]
  const order = ['organizer', 'owner', 'admin'] as const
  return order.find((actor) => verdicts[actor] === 'allow') ?? 'admin'
}

/** Accepts 502 and 503, which are right if a provider or a receiver is away; never a 500. */
function expectNoFault({ status, text, body }: Answer): void {
  if (status < 500) return
  const { code } = problemSchema.parse(body)
  expect({ status, text, code }).toMatchObject({ code: expect.not.stringMatching('internal_error') })
}
