/**
 * HTTP floor: what Node and Express cost alone. Parses the body of each booking request, and answers with the headers and
 * the body that the API has answered one of them with. It verifies, validates and books nothing.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { runMain } from '@boxoffice/core/settings/run-main.ts'
import { parseSettings } from '@boxoffice/core/settings/settings.ts'
import { FLOOR_ANSWER, type FloorAnswer } from './floor-answer.ts'

await runMain(async () => {
  const { HOST, PORT } = parseSettings(process.env)
  const { headers, body } = JSON.parse(process.env[FLOOR_ANSWER] ?? '') as FloorAnswer
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.use(express.json({ limit: '64kb' }))
  app.post('/v1/booking-requests', (_request, response) => {
    for (const [name, value] of headers) response.setHeader(name, value)
    response.end(body)
  })
  app.get('/livez', (_request, response) => void response.json({ status: 'live' }))
  const server = createServer({ keepAliveTimeout: 65_000, noDelay: true }, app)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(PORT, HOST, resolve)
  })
  process.send?.({ port: (server.address() as AddressInfo).port })
  return {
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
})
