import { Agent, get } from 'node:http'
import { describe, expect, it } from 'vitest'
import { sharedDatabase } from '../support/database.ts'
import { startProcess, type TestApi } from '../support/process.ts'

const db = sharedDatabase()

const givenApi = (delayMs: number) => startProcess('api', { DATABASE_URL: db.url, SHUTDOWN_DELAY_MS: String(delayMs) })

interface Seen {
  readonly status: number
  readonly connection: string | undefined
}

/** Asks over a new connection by default; `null` if there is no answer. */
function ask(api: TestApi, path: string, agent: Agent | false = false): Promise<Seen | null> {
  return new Promise((resolve) => {
    get(`${api.url}${path}`, { agent }, (response) => {
      const { statusCode = 0, headers } = response.resume()
      response.on('end', () => resolve({ status: statusCode, connection: headers.connection }))
    }).on('error', () => resolve(null))
  })
}

const terminate = (api: TestApi) => process.kill(api.pid, 'SIGTERM')
const readiness = async (api: TestApi) => (await ask(api, '/readyz'))?.status

describe('an API process that is asked to stop', () => {
  it('without a delay refuses whoever was sent to it a moment later: the control', async () => {
    const api = await givenApi(0)
    expect(await readiness(api)).toBe(200)
    terminate(api)
    await expect.poll(() => ask(api, '/v1/showtimes')).toBeNull()
    expect(await api.exited).toEqual({ code: 0, signal: null })
  })

  it('is unready first, and serves everybody until the delay is over', async () => {
    const delayMs = 5_000
    const api = await givenApi(delayMs)
    const agent = new Agent({ keepAlive: true })
    expect(await ask(api, '/v1/showtimes', agent)).toEqual({ status: 200, connection: 'keep-alive' })
    const askedAt = performance.now()
    terminate(api)
    await expect.poll(() => readiness(api)).toBe(503)
    expect(await ask(api, '/v1/showtimes', agent)).toEqual({ status: 200, connection: 'close' })
    expect(await ask(api, '/v1/showtimes')).toEqual({ status: 200, connection: 'close' })
    expect(await api.exited).toEqual({ code: 0, signal: null })
    expect(performance.now() - askedAt).toBeGreaterThanOrEqual(delayMs)
    // Stopping is no error, however often a load balancer has asked.
    expect(api.output()).not.toContain('"level":50')
    agent.destroy()
  })

  it('ends at once when it is asked again', async () => {
    const api = await givenApi(600_000)
    terminate(api)
    await expect.poll(() => readiness(api)).toBe(503)
    let code: number | null = null
    void api.exited.then((exit) => {
      code = exit.code
    })
    await expect
      .poll(
        () => {
          if (code === null) terminate(api)
          return code
        },
        { timeout: 10_000, interval: 200 },
      )
      .toBe(1)
  })
})
