import { Validator } from '@seriousme/openapi-schema-validator'
import { beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { dataSchema, eventSchema } from '@boxoffice/contract/outgoing-events/event-schema.ts'
import { problemCodesOf } from '@boxoffice/contract/openapi.ts'
import { OPERATIONS } from '@boxoffice/contract/operations.ts'
import { PROBLEMS } from '@boxoffice/core/domain/problems.ts'
import { OUTGOING_EVENT_TYPES } from '@boxoffice/core/domain/outgoing-events/outgoing-events.ts'
import { requireConformance } from '../support/conformance.ts'
import { sharedApp } from './start-app.ts'

// The API does what its documents say.

const mediaSchema = z.looseObject({
  schema: z.unknown().optional(),
  example: z.unknown().optional(),
  examples: z.record(z.string(), z.object({ value: z.unknown() })).optional(),
})
const responseSchema = z.looseObject({
  description: z.string().min(1),
  content: z.record(z.string(), mediaSchema).optional(),
})
const operationSchema = z.looseObject({
  operationId: z.string(),
  summary: z.string().min(1),
  tags: z.tuple([z.string()]),
  security: z.array(z.record(z.string(), z.array(z.string()))),
  responses: z.record(z.string(), z.union([z.strictObject({ $ref: z.string() }), responseSchema])),
})
const webhookSchema = z.looseObject({
  description: z.string().min(1),
  requestBody: z.object({ content: z.object({ 'application/json': mediaSchema }) }),
})
const documentSchema = z.looseObject({
  openapi: z.literal('3.1.1'),
  info: z.looseObject({ version: z.string().regex(/^\d+\.\d+\.\d+$/) }),
  tags: z.array(z.object({ name: z.string() })),
  paths: z.record(z.string(), z.record(z.string(), operationSchema)),
  components: z.looseObject({
    schemas: z.record(z.string(), z.unknown()),
    responses: z.record(z.string(), responseSchema),
    parameters: z.record(z.string(), z.unknown()),
  }),
  webhooks: z.record(z.string(), z.object({ post: webhookSchema })),
})

let text: string
let document: z.output<typeof documentSchema>

const app = sharedApp()
beforeAll(async () => {
  const answer = await fetch(`${app.url}/openapi.json`)
  text = await answer.text()
  document = documentSchema.parse(JSON.parse(text))
})

const described = () =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  )

test('the document is valid OpenAPI 3.1', async () => {
  const result = await new Validator().validate(JSON.parse(text) as Record<string, unknown>)
  expect(result).toEqual({ valid: true })
  const broken = { ...JSON.parse(text), paths: 1 } as Record<string, unknown>
  expect(await new Validator().validate(broken)).toMatchObject({ valid: false })
})

test('the document is JSON', async () => {
  const answer = await fetch(`${app.url}/openapi.json`, { method: 'HEAD' })
  expect(answer.headers.get('content-type')).toBe('application/json')
})

test('the document is the same for all and need not be fetched twice', async () => {
  const first = await fetch(`${app.url}/openapi.json`)
  const etag = first.headers.get('etag') ?? ''
  expect(await first.text()).toBe(text)
  const again = await fetch(`${app.url}/openapi.json`, { headers: { 'If-None-Match': etag } })
  expect(again.status).toBe(304)
})

test('every reference leads somewhere', () => {
  const references = [...text.matchAll(/"\$ref":"([^"]+)"/g)].map(([, reference]) => reference ?? '')
  expect(references.length).toBeGreaterThan(50)
  const { schemas, responses, parameters } = document.components
  const known = new Set([
    ...Object.keys(schemas).map((name) => `#/components/schemas/${name}`),
    ...Object.keys(responses).map((name) => `#/components/responses/${name}`),
    ...Object.keys(parameters).map((name) => `#/components/parameters/${name}`),
  ])
  expect(references.filter((reference) => !known.has(reference))).toEqual([])
})

test('every route under /v1 is declared, and every declared one is served', () => {
  const served = app
    .routes()
    .filter(({ path }) => path.startsWith('/v1/') || path.startsWith('/.well-known/'))
    .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`)
  const declared = OPERATIONS.map(({ method, path }) => `${method} ${path}`)
  expect(served.filter((route) => !declared.includes(route))).toEqual([])
  // Probes and the like are declared too, and are not under /v1.
  const all = app.routes().map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`)
  expect(declared.filter((route) => !all.includes(route))).toEqual([])
  expect(
    described()
      .map(({ method, path }) => `${method} ${path}`)
      .sort(),
  ).toEqual([...declared].sort())
})

test('every type of outgoing event is a webhook', () => {
  expect(Object.keys(document.webhooks)).toEqual(OUTGOING_EVENT_TYPES)
})

test.each(OUTGOING_EVENT_TYPES)('%s is posted as its example shows, field by field', (type) => {
  const example = document.webhooks[type]?.post.requestBody.content['application/json'].example
  expect(eventSchema(type).parse(example)).toEqual(example)
  const { data } = z.object({ data: z.unknown() }).parse(example)
  expect(dataSchema(type, z.strictObject).safeParse(data)).toMatchObject({ success: true })
})

test('ids are unique, and so are summaries within a tag', () => {
  const ids = OPERATIONS.map(({ id }) => id)
  expect(new Set(ids).size).toBe(ids.length)
  const summaries = OPERATIONS.map(({ tag, summary }) => `${tag}: ${summary}`)
  expect(new Set(summaries).size).toBe(summaries.length)
})

describe.each(OPERATIONS.map((operation) => [operation.id, operation] as const))('%s', (_id, operation) => {
  test('has a summary without a full stop', () => {
    expect(operation.summary).toMatch(/^[A-Z].*[^.]$/)
  })

  test('has examples of its answers that their schemas accept', () => {
    for (const [status, { schema, example }] of Object.entries(operation.answers)) {
      if (schema === undefined) continue
      expect({ status, ...schema.safeParse(example) }).toMatchObject({ status, success: true })
    }
  })

  test('has an example of its body that its schema accepts', () => {
    if (operation.body === undefined) return
    expect(operation.bodyExample).toBeDefined()
    expect(operation.body.safeParse(operation.bodyExample)).toMatchObject({ success: true })
  })

  test('refuses a field that nobody knows', () => {
    for (const schema of [operation.body, operation.query, operation.params]) {
      if (schema === undefined) continue
      const { error } = schema.safeParse({ nobodyKnowsThis: 1 })
      expect(JSON.stringify(error?.issues)).toContain('nobodyKnowsThis')
    }
  })

  test('says for whom it is', () => {
    const found = described().find(({ operation: { operationId } }) => operationId === operation.id)
    expect(found?.operation.security).toEqual(operation.access === 'anyone' ? [] : [{ bearer: [] }])
  })

  test('shows an example of every problem that it answers with, under its status', () => {
    const found = described().find(({ operation: { operationId } }) => operationId === operation.id)
    for (const code of problemCodesOf(operation)) {
      const { status } = PROBLEMS[code]
      const response = found?.operation.responses[String(status)]
      const name = z.object({ $ref: z.string() }).parse(response).$ref.replace('#/components/responses/', '')
      const media = document.components.responses[name]?.content?.['application/problem+json']
      expect({ code, example: media?.examples?.[code]?.value }).toMatchObject({ code, example: { code, status } })
    }
  })
})

describe('the check of answers against the contract', () => {
  const answer = (status: number, body: unknown, type = 'application/json') => ({
    status,
    headers: new Headers({ 'content-type': type }),
    text: typeof body === 'string' ? body : JSON.stringify(body),
  })
  const session = { token: 'x', expiresIn: 1 }
  const problemOf = (code: 'not_found' | 'hold_expired' | 'internal_error', changes: object = {}) => {
    const { status, title } = PROBLEMS[code]
    const body = { type: `urn:boxoffice:problem:${code}`, title, status, code, detail: 'x', errors: [], requestId: 'x' }
    return answer(status, { ...body, ...changes }, 'application/problem+json')
  }
  const check = (checked: ReturnType<typeof answer>, path = '/v1/guest-sessions') =>
    requireConformance('POST', path, checked)

  test('lets declared answers pass', () => {
    check(answer(201, session))
    requireConformance('GET', '/v1/bookings/K7QXM2PA?x=1', problemOf('not_found'))
    requireConformance('GET', '/v1/nothing', problemOf('not_found'))
    requireConformance('GET', '/sandbox/checkouts/1', answer(200, 'page', 'text/html'))
  })

  test.each([
    ['another status', 'status is not declared', () => check(answer(200, session))],
    ['another type', 'type text/plain is not declared', () => check(answer(201, session, 'text/plain'))],
    ['a missing field', 'expiresIn', () => check(answer(201, { token: 'x' }))],
    ['an undeclared field', 'secret', () => check(answer(201, { ...session, secret: 'x' }))],
    ['a problem that is not declared', 'hold_expired is not declared', () => check(problemOf('hold_expired'))],
    ['the status of another problem', 'that of the problem', () => check({ ...problemOf('not_found'), status: 400 })],
    ['a problem without a field', 'title', () => check(problemOf('not_found', { title: undefined }))],
    ['a bug', 'this is a bug', () => check(problemOf('internal_error'))],
    ['an answer of no operation', 'status is not declared', () => check(answer(200, {}), '/v1/nothing')],
  ])('refuses %s', (_what, why, checking) => {
    expect(checking).toThrow(why)
  })
})
