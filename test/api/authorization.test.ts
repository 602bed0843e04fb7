import { describe, expect, it } from 'vitest'
import type { OperationId } from '@boxoffice/client'
import { ACCESS, ACTORS, type Actor } from '@boxoffice/contract/access.ts'
import type { Operation } from '@boxoffice/contract/operation.ts'
import { operations } from '@boxoffice/contract/operations.ts'
import { problemSchema } from './start-lifecycle-app.ts'
import { SAMPLE_CALLS, type SampleCall } from './sample-calls.ts'
import { sharedWorld } from './world.ts'

// Every call of the API, as every actor, against the contract's own table of access.

const world = sharedWorld()

/** The operations that tell callers by a signature, not by a token. */
const SIGNED: ReadonlySet<OperationId> = new Set(['receivePaymentWebhook'])

const TABLE = (Object.keys(operations) as OperationId[])
  .filter((id) => !SIGNED.has(id))
  .flatMap((id) => ACTORS.map((actor) => ({ id, actor, verdict: ACCESS[operations[id].access].verdicts[actor] })))

it('covers every operation and every actor', () => {
  expect(TABLE.length).toBe((Object.keys(operations).length - SIGNED.size) * ACTORS.length)
})

describe.each(TABLE)('$id as $actor', ({ id, actor, verdict }) => {
  it(`is ${verdict}`, async () => {
    const sample = await SAMPLE_CALLS[id](world)
    const { status, body, text } = await callAs(actor, operations[id], sample)
    if (verdict === 'allow') {
      expect({ status, text, allowed: status < 400 }).toMatchObject({ allowed: true })
      return
    }
    expect({ status, text }).toMatchObject({ status: verdict })
    if (verdict === 404 && sample.params !== undefined) {
      // The answer about a hidden thing equals the one about a missing thing, except for the request's id.
      const missing = await callAs(actor, operations[id], { ...sample, params: missingParams(sample.params) })
      expect({ ...problemSchema.parse(missing.body), requestId: '' }).toEqual({
        ...problemSchema.parse(body),
        requestId: '',
      })
    }
  })
})

async function callAs(actor: Actor, { method, path }: Operation, { params = {}, query, body, headers }: SampleCall) {
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => params[name] ?? 'missing')
  const search = query === undefined ? '' : `?${new URLSearchParams(query).toString()}`
  const token = world.tokens[actor]
  // Admins say for which organizer they make something or ask.
  const named = actor === 'admin' ? { organizerId: world.show.organizerId } : {}
  const call = { token, ...(headers !== undefined && { headers }), ...(body !== undefined && { body }) }
  if (path.endsWith('/stream')) return opened(`${world.app.url}${filled}`, token)
  const answer = await world.app.send(method.toUpperCase(), `${filled}${search}`, call)
  if (answer.status !== 400 || actor !== 'admin') return answer
  return world.app.send(
    method.toUpperCase(),
    `${filled}?${new URLSearchParams({ ...query, ...(body === undefined && named) }).toString()}`,
    {
      ...call,
      ...(typeof body === 'object' && { body: { ...body, ...named } }),
    },
  )
}

/** Opens a stream and returns its status without waiting for its end; an error's body is read whole. */
async function opened(url: string, token: string | null) {
  const leaving = new AbortController()
  const response = await fetch(url, {
    headers: token === null ? {} : { Authorization: `Bearer ${token}` },
    signal: leaving.signal,
  })
  const text = response.ok ? '' : await response.text()
  leaving.abort()
  return { status: response.status, text, body: text === '' ? undefined : (JSON.parse(text) as unknown) }
}

const missingParams = (params: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(params).map(([name, value]) => [
      name,
      name === 'reference'
        ? 'ZZZZZZZZ'
        : /^[0-9a-f-]{36}$/.test(value)
          ? '01890000-0000-7000-8000-00000000dead'
          : value,
    ]),
  )
