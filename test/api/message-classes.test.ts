import express from 'express'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Listening, listen } from '../../apps/api/src/connections/listen.ts'
import { clientShares } from '../../apps/api/src/connections/client-shares.ts'
import { createApiServer } from '../../apps/api/src/server/server.ts'
import { testSettings } from '../support/settings.ts'

const app = express()
const server = createApiServer(app, clientShares(testSettings()))
let listening: Listening
let url = ''
beforeAll(async () => {
  app.get('/', (request, response) => {
    response.json({ ip: request.ip, sameRequest: request.res === response, sameResponse: response.req === request })
  })
  listening = await listen(server, 0, '127.0.0.1')
  url = `http://127.0.0.1:${listening.port}`
})
afterAll(async () => {
  await listening.close(0)
})

it('makes what Express wants to have, so that it changes the kind of no request and no answer', async () => {
  const made: unknown[] = []
  server.prependOnceListener('request', (request, response) => {
    made.push(Object.getPrototypeOf(request), Object.getPrototypeOf(response))
  })
  const answer = await fetch(url, { headers: { connection: 'close' } })
  expect(await answer.json()).toEqual({ ip: '127.0.0.1', sameRequest: true, sameResponse: true })
  expect(made).toHaveLength(2)
  expect(made[0]).toBe(app.request)
  expect(made[1]).toBe(app.response)
})
