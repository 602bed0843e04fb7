import { globSync } from 'node:fs'
import { createServer, Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, test } from 'vitest'
import { filesOf, type Project } from '../support/projects.ts'

// `npm run test:unit` answers within seconds on any machine because nothing in it needs a server, a process or a
// thread.

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

describe('the project of a test file', () => {
  const EXAMPLES: readonly (readonly [file: string, project: Project, why: string])[] = [
    ['test/domain/money.test.ts', 'unit', 'it loads pure functions'],
    ['test/tooling/projects.test.ts', 'unit', 'it loads nothing that is started'],
    ['test/db/guards.test.ts', 'db', 'it loads test/support/database.ts'],
    ['test/concurrency/seats.test.ts', 'db', 'what it loads loads test/support/database.ts'],
    ['test/webhooks/delivery.test.ts', 'db', 'it listens, too, but needs a database first of all'],
    ['test/db/migrate.test.ts', 'system', 'it starts processes and has a database'],
    ['test/limits/ledgers.test.ts', 'system', 'what it loads starts Redis'],
    ['test/api/streams.test.ts', 'system', 'it listens'],
    ['test/tickets/ticket-printer.test.ts', 'system', 'the code under test starts a thread'],
  ]

  test.each(EXAMPLES)('%s: %s, as %s', (file, project) => {
    expect(filesOf(project)).toContain(file)
  })

  it('is one and only one', () => {
    const assigned = (['unit', 'db', 'system'] as const).flatMap((project) => filesOf(project))
    expect(assigned.toSorted()).toEqual(globSync('test/**/*.test.ts', { cwd: ROOT }).toSorted())
  })
})

describe('a unit test', () => {
  it('cannot listen', () => {
    expect(() => createServer().listen(0)).toThrow('a unit test listens')
  })

  it('cannot connect', async () => {
    expect(() => new Socket().connect(1)).toThrow('a unit test connects')
    await expect(fetch('http://127.0.0.1:1')).rejects.toMatchObject({ cause: { message: /a unit test connects/ } })
  })

  it('cannot start a process, however it got at the module', () => {
    const { spawn } = process.getBuiltinModule('node:child_process')
    expect(() => spawn('true')).toThrow('a unit test starts a process')
  })

  it('cannot use a thread', () => {
    const { Worker } = process.getBuiltinModule('node:worker_threads')
    expect(() => new Worker('', { eval: true }).postMessage(1)).toThrow('a unit test uses a thread')
  })
})
