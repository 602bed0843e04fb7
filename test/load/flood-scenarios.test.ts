import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { judge } from '../../apps/load/src/report/verdict.ts'
import { SCENARIOS } from '../../apps/load/src/scenarios/index.ts'
import { runScenario } from '../../apps/load/src/scenarios/scenario.ts'
import { eventually } from '../support/eventually.ts'
import { startScript } from '../support/process.ts'
import { type ScenarioStack, startScenarioStack } from './flood-stack.ts'

/** Time limit of one run, on a machine that is busy with other tests. */
const RUN_MS = 60_000
const QUICK = 0.02
const MAIN = 'apps/load/src/main.ts'

let stack: ScenarioStack

beforeAll(async () => {
  stack = await startScenarioStack()
})

afterAll(async () => {
  await stack.stop()
})

async function count(text: string): Promise<number> {
  const { rows } = await stack.db.database.pool.query<{ count: number }>(text)
  return rows[0]?.count ?? 0
}

const bookings = () => count('select count(*) from bookings')
const pausedLines = () => count('select count(*) from resource_state where paused')

describe('every scenario, small', () => {
  it.each(SCENARIOS.flood.map((scenario) => [scenario.name, scenario] as const))(
    '%s ends verified, with something booked',
    async (_name, scenario) => {
      const before = await bookings()
      const seconds: number[] = []
      const results = await runScenario('flood', scenario, {
        target: stack,
        asked: { seed: 7, scale: QUICK },
        onProgress: ({ elapsedMs }) => seconds.push(elapsedMs),
        say: () => {},
        interrupted: Promise.withResolvers<never>().promise,
      })
      expect(judge(results).problems).toEqual([])
      expect(results.verification.checks.length).toBeGreaterThan(20)
      expect(await bookings()).toBeGreaterThan(before)
      for (const { name, intended, sent, unsent } of results.outcome.streams) {
        expect({ name, sent, unsent }).toEqual({ name, sent: intended, unsent: 0 })
      }
      expect(results.samples.at(-1)).toMatchObject({ inLine: 0 })
      // Some seconds of somebody else's work are in it, so nothing can be said of how much.
      if (results.disk !== null) expect(results.disk.walBytes).toBeGreaterThan(0)
      expect(results.disk === null).toBe(scenario.name !== 'hostile')
      expect(results.decidedPerSecond).toBeGreaterThan(0)
      expect(seconds.length).toBeGreaterThan(0)
      expect(await pausedLines()).toBe(0)
    },
    RUN_MS,
  )
})

describe('the command', () => {
  it('refuses another machine before it sends anything', async () => {
    let connections = 0
    const listener = createServer(() => connections++)
    listener.listen(0, '127.0.0.1')
    await once(listener, 'listening')
    const address = listener.address()
    const port = address instanceof Object ? address.port : 0
    const secret = ['--jwt-secret', 'a-secret-of-thirty-two-characters']
    const here = `127.0.0.1:${port}`
    const addresses = [
      ['--url', 'http://tickets.example.com', '--database-url', `postgres://${here}/staging`],
      ['--url', `http://${here}`, '--database-url', 'postgres://db.example.com/staging'],
    ]
    try {
      for (const [index, target] of addresses.entries()) {
        const command = startScript(MAIN, {}, ['flood', '--scenario', 'on-sale', '--quick', ...target, ...secret])
        expect(await command.exited).toMatchObject({ code: 1 })
        expect(command.errors()).toContain('refused without --allow-remote')
        expect(command.errors()).toContain(index === 0 ? 'tickets.example.com' : 'db.example.com')
      }
      expect(connections).toBe(0)
    } finally {
      listener.close()
    }
  })

  it(
    'leaves a report of a good run, and its exit code is 0',
    async () => {
      const command = startScript(MAIN, {}, [
        'flood',
        '--scenario',
        'on-sale',
        '--quick',
        ...(await stack.urlArguments()),
      ])
      expect(await command.exited).toEqual({ code: 0, signal: null })
      expect(command.output()).toContain('on-sale: Verified')
      expect((await readdir(stack.directory)).filter((name) => /-on-sale\.(json|html)$/.test(name))).toHaveLength(2)
    },
    RUN_MS,
  )

  it(
    'resumes what the scenario has paused when it is stopped, and its exit code is 130',
    async () => {
      const size = ['--rate', '20', '--duration', '60']
      const command = startScript(MAIN, {}, [
        'flood',
        '--scenario',
        'backlog',
        ...size,
        ...(await stack.urlArguments()),
      ])
      await eventually(async () => expect(command.errors()).toContain('backlog ['), { withinMs: 30_000 })
      expect(await pausedLines()).toBeGreaterThan(0)
      process.kill(command.pid, 'SIGINT')
      expect(await command.exited).toEqual({ code: 130, signal: null })
      expect(await pausedLines()).toBe(0)
      await eventually(
        async () => expect(await count(`select count(*) from booking_requests where state = 'queued'`)).toBe(0),
        { withinMs: 20_000 },
      )
    },
    RUN_MS,
  )

  it(
    'ends with exit code 1 when the verification finds something',
    async () => {
      await stack.db.database.pool.query(
        'update ticket_type_state set sold = sold - 1 where ticket_type_id = (select ticket_type_id from ticket_type_state where sold > 0 limit 1)',
      )
      const command = startScript(MAIN, {}, [
        'flood',
        '--scenario',
        'on-sale',
        '--quick',
        ...(await stack.urlArguments()),
      ])
      expect(await command.exited).toEqual({ code: 1, signal: null })
      expect(command.output()).toContain('on-sale: NOT clean')
    },
    RUN_MS,
  )
})
