import { readFile, stat, writeFile } from 'node:fs/promises'
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { platform } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { paste } from '../support/curl.ts'
import { eventually } from '../support/eventually.ts'
import { findFreePort, occupyPort } from '../support/free-port.ts'
import { startScript, type TestProcess } from '../support/process.ts'
import { shared } from '../support/shared.ts'
import { makeTemporaryDirectory } from '../support/temporary-directory.ts'

const READY_WITHIN_MS = 20_000

const running: TestProcess[] = []

const data = shared(makeTemporaryDirectory, (opened) => opened.remove())
afterEach(async () => {
  await Promise.all(running.splice(0).map((standalone) => standalone.stop()))
})

function start(environment: Record<string, string> = {}): TestProcess {
  const standalone = startScript('apps/standalone/src/main.ts', { DATA_DIR: data.path, PORT: '0', ...environment })
  running.push(standalone)
  return standalone
}

interface Printed {
  readonly url: string
  readonly token: string
  readonly curlLines: string[]
}

/** Waits until the tour is printed, and splits it into its steps. */
async function awaitTour(standalone: TestProcess): Promise<Printed> {
  return eventually(
    () => {
      const output = standalone.output()
      if (!output.includes('Ctrl-C stops everything')) throw new Error(`not ready yet:\n${output}`)
      return {
        url: /API +(\S+)/.exec(output)?.[1] ?? '',
        token: /^customer +(\S+)$/m.exec(output)?.[1] ?? '',
        // A line ends if no backslash continues it.
        curlLines: output.match(/^curl (?:.*\\\n)*.*$/gm) ?? [],
      }
    },
    { withinMs: READY_WITHIN_MS, everyMs: 50 },
  )
}

/** Expects one clear sentence on stderr, no stack, and exit code 1. */
async function expectRefusal(standalone: TestProcess, sentence: RegExp): Promise<void> {
  const exit = await standalone.exited
  expect(standalone.errors()).toMatch(sentence)
  expect(standalone.errors().trim().split('\n')).toHaveLength(1)
  expect(exit).toEqual({ code: 1, signal: null })
}

async function answers(url: string): Promise<boolean> {
  const response = await fetch(`${url}/readyz`).catch(() => undefined)
  await response?.body?.cancel()
  return response?.status === 200
}

const serverIsGone = () =>
  stat(join(data.path, 'postgres/cluster/postmaster.pid')).then(
    () => false,
    () => true,
  )

describe('npm start', () => {
  let first: Printed
  let requestId: string

  it('is ready, holds the seat of the printed line and refuses it to a second person', async () => {
    const standalone = start()
    first = await awaitTour(standalone)
    const [hold = '', refused = ''] = first.curlLines
    const held = await paste(hold)
    expect(held).toMatchObject({ id: expect.any(String), state: 'booked', booking: { status: 'pending' } })
    expect(await paste(refused)).toMatchObject({ state: 'refused', refusal: { code: 'seat_unavailable' } })
    requestId = held instanceof Object && 'id' in held ? String(held.id) : ''
  })

  it('finds its data when it is started again, and stops all of it cleanly on Ctrl-C', async () => {
    const standalone = start()
    const { url } = await awaitTour(standalone)
    const response = await fetch(`${url}/v1/booking-requests/${requestId}`, {
      headers: { authorization: `Bearer ${first.token}` },
    })
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({ id: requestId, state: 'booked' })
    process.kill(standalone.pid, 'SIGINT')
    expect(await standalone.exited).toEqual({ code: 0, signal: null })
    expect(standalone.errors()).toBe('')
    expect(await answers(url)).toBe(false)
    expect(await serverIsGone()).toBe(true)
  })

  it('stops cleanly when it is interrupted while starting', async () => {
    const standalone = start()
    // Registering for signals comes first, and the server's log is there long before everything is ready.
    await eventually(() => stat(join(data.path, 'postgres/cluster/postmaster.pid')))
    process.kill(standalone.pid, 'SIGINT')
    expect(await standalone.exited).toEqual({ code: 0, signal: null })
    expect(await serverIsGone()).toBe(true)
  })

  it('refuses a second instance on the same data, and the first goes on', async () => {
    const { url } = await awaitTour(start())
    // The same port makes no difference, although the sentence about it says to stop the other one.
    for (const PORT of ['0', new URL(url).port]) {
      await expectRefusal(start({ PORT }), /^Another Boxoffice is running on the data in /)
    }
    expect(await answers(url)).toBe(true)
  })

  it('leaves no app behind when it is killed, and starts again over the server that was left', async () => {
    const standalone = start()
    const { url } = await awaitTour(standalone)
    await standalone.kill()
    expect(await serverIsGone()).toBe(false)
    running.splice(0)
    const again = await awaitTour(start())
    expect(await answers(again.url)).toBe(true)
    const response = await fetch(`${again.url}/v1/booking-requests/${requestId}`, {
      headers: { authorization: `Bearer ${first.token}` },
    })
    expect(response.status).toBe(200)
    await eventually(async () => expect(await answers(url)).toBe(false))
  })

  it.runIf(platform() === 'linux')('starts a killed API again on the same port', async () => {
    const standalone = start()
    const { url } = await awaitTour(standalone)
    const api = await findChild(standalone.pid, 'apps/api/')
    process.kill(api, 'SIGKILL')
    await eventually(async () => expect(await findChild(standalone.pid, 'apps/api/')).not.toBe(api))
    await eventually(async () => expect(await answers(url)).toBe(true), { withinMs: READY_WITHIN_MS })
  })
})

describe('npm start says in one sentence, with exit code 1,', () => {
  it('that the port is taken', async () => {
    const taken = await occupyPort()
    await expectRefusal(start({ PORT: String(taken.port) }), new RegExp(`^Port ${taken.port} is taken`))
    await taken.release()
    expect(await serverIsGone()).toBe(true)
  })

  it('that the port is taken or HOST is none of this machine, before anything is set up', async () => {
    const taken = await occupyPort()
    const fresh = join(data.path, 'fresh')
    await expectRefusal(start({ PORT: String(taken.port), DATA_DIR: fresh }), /^Port \d+ is taken/)
    await taken.release()
    await expectRefusal(start({ HOST: '203.0.113.1', DATA_DIR: fresh }), /^The API cannot listen on 203\.0\.113\.1:0: /)
    await expect(stat(fresh)).rejects.toThrow('ENOENT')
  })

  it('that DATABASE_URL leads to something that is not PostgreSQL, as npm run migrate does', async () => {
    // One that hangs up on what it does not understand, one that answers in its own words, and one that does both.
    const strangers: readonly ((socket: Socket) => void)[] = [
      (socket) => void socket.once('data', () => socket.end()),
      (socket) => void socket.once('data', () => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n')),
      (socket) => void socket.once('data', () => socket.end('-ERR unknown command\r\n')),
    ]
    for (const stranger of strangers) {
      const server = createServer(stranger).listen(0, '127.0.0.1')
      await once(server, 'listening')
      const port = z.object({ port: z.int() }).parse(server.address()).port
      const DATABASE_URL = `postgres://someone:a-password@127.0.0.1:${port}/boxoffice`
      const migrating = startScript('packages/core/src/db/migrate-cli.ts', { DATABASE_URL })
      running.push(migrating)
      for (const script of [start({ DATABASE_URL }), migrating]) {
        await expectRefusal(script, /^PostgreSQL at DATABASE_URL cannot be used: .*\.\n$/)
        expect(script.output()).not.toContain('a-password')
      }
      server.close()
    }
  })

  it('that the data directory cannot be used', async () => {
    const file = join(data.path, 'a-file')
    await writeFile(file, '')
    await expectRefusal(start({ DATA_DIR: join(file, 'data') }), /^The data directory .*a-file\/data cannot be used: /)
  })

  it('that DATABASE_URL is not reachable', async () => {
    const url = `postgres://someone:a-password@127.0.0.1:${await findFreePort()}/boxoffice`
    const standalone = start({ DATABASE_URL: url })
    await expectRefusal(standalone, /^PostgreSQL at DATABASE_URL cannot be used: nothing listens/)
    expect(standalone.output()).not.toContain('a-password')
  })

  it('that QUEUE_URL is not reachable', async () => {
    const standalone = start({ QUEUE_URL: `redis://127.0.0.1:${await findFreePort()}` })
    await expectRefusal(standalone, /^The queue at QUEUE_URL cannot be used: /)
  })

  it('which settings need mending, one a line', async () => {
    const standalone = start({ PORT: 'eighty', LANES: '0' })
    expect(await standalone.exited).toEqual({ code: 1, signal: null })
    expect(standalone.errors()).toMatch(/^These settings need mending:\n {2}PORT: .*\n {2}LANES: .*\n$/)
  })
})

async function findChild(parent: number, script: string): Promise<number> {
  const children = (await readFile(`/proc/${parent}/task/${parent}/children`, 'utf8')).trim().split(' ')
  for (const child of children) {
    const command = await readFile(`/proc/${child}/cmdline`, 'utf8').catch(() => '')
    if (command.includes(script)) return Number(child)
  }
  throw new Error(`no child of ${parent} runs ${script}`)
}
