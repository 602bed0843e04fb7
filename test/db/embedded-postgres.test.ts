import { readOrMakePassword } from '@boxoffice/core/db/embedded/password.ts'
import { readFile, stat } from 'node:fs/promises'
import { totalmem } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { openDatabase } from '@boxoffice/core/db/connect.ts'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@boxoffice/core/db/embedded-postgres.ts'
import { optionsForMachine } from '@boxoffice/core/db/embedded/server-options.ts'
import { eventually } from '../support/eventually.ts'
import { testLogger as logger } from '../support/logger.ts'
import { shared } from '../support/shared.ts'
import { makeTemporaryDirectory } from '../support/temporary-directory.ts'
import { StartupError } from '@boxoffice/core/runtime/startup-error.ts'

const running: EmbeddedPostgres[] = []

const data = shared(makeTemporaryDirectory, (opened) => opened.remove())
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.stop()))
})

async function start(): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ dataDir: data.path, logger })
  running.push(server)
  return server
}

async function query(url: string, text: string): Promise<unknown[]> {
  const limits = { statementTimeoutMs: 5_000, lockTimeoutMs: 5_000, idleInTransactionTimeoutMs: 5_000 }
  const database = openDatabase({ url, name: 'test', max: 1, logger, ...limits })
  try {
    return (await database.pool.query(text)).rows
  } finally {
    await database.close()
  }
}

const serverPid = async () => {
  const file = await readFile(join(data.path, 'postgres/cluster/postmaster.pid'), 'utf8')
  return Number(file.split('\n')[0])
}

describe('the embedded PostgreSQL', () => {
  it('lets one of several win that start at once on a fresh directory', async () => {
    const outcomes = await Promise.allSettled([start(), start(), start()])
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(StartupError)
    }
  })

  it('has one password from the first moment on, for everybody who starts at once', async () => {
    for (let round = 0; round < 100; round++) {
      const file = join(data.path, `password-${round}`)
      const passwords = await Promise.all(Array.from({ length: 4 }, () => readOrMakePassword(file, undefined)))
      expect(new Set(passwords).size).toBe(1)
      expect(passwords[0]).toHaveLength(32)
    }
  })

  it('is version 18, waits for the disk, and listens on the loopback address by password only', async () => {
    const { url } = await start()
    const [row] = await query(
      url,
      `select current_setting('server_version_num')::int / 10000 as version, current_setting('synchronous_commit') as sync,
         current_setting('fsync') as fsync, current_setting('listen_addresses') as addresses`,
    )
    expect(row).toEqual({ version: 18, sync: 'on', fsync: 'on', addresses: '127.0.0.1' })
    const wrong = new URL(url)
    wrong.password = 'guess'
    await expect(query(wrong.href, 'select 1')).rejects.toMatchObject({ code: '28P01' })
    expect((await stat(join(data.path, 'postgres/password'))).mode & 0o777).toBe(0o600)
    expect((await stat(join(data.path, 'postgres'))).mode & 0o777).toBe(0o700)
  })

  it('is started again at the same address when its server is killed, and still has one owner', async () => {
    const { url } = await start()
    await query(url, 'create table kept as select 1 as value')
    const pid = await serverPid()
    process.kill(pid, 'SIGKILL')
    const rows = await eventually(() => query(url, 'select value from kept'), { withinMs: 10_000 })
    expect(rows).toEqual([{ value: 1 }])
    expect(await serverPid()).not.toBe(pid)
    await expect(start()).rejects.toThrow(/^Another Boxoffice is running on the data in /)
  })

  it('may be stopped twice, and leaves no server', async () => {
    const server = await start()
    await Promise.all([server.stop(), server.stop()])
    await expect(serverPid()).rejects.toMatchObject({ code: 'ENOENT' })
  })
})

describe('the memory that it keeps pages in', () => {
  const GB = 2 ** 30

  it.each([
    ['the least, on a small machine', 1 * GB, '192MB'],
    ['a sixteenth', 8 * GB, '512MB'],
    ['whole megabytes', 8 * GB + 12_345_678, '513MB'],
    ['the most, on a large machine', 64 * GB, '1024MB'],
  ])('is %s', (_, memory, expected) => {
    expect(optionsForMachine(memory)).toMatchObject({ shared_buffers: expected })
  })

  it('is that of this machine', async () => {
    const { url } = await start()
    const [{ shared_buffers: used } = {}] = (await query(url, 'show shared_buffers')) as Record<string, string>[]
    const memory = Math.min(totalmem(), process.constrainedMemory() || Infinity)
    expect(inMegabytes(used)).toBe(inMegabytes(optionsForMachine(memory)['shared_buffers']))
  })

  function inMegabytes(size: string | undefined): number {
    const [, amount, unit] = /^(\d+)(MB|GB)$/.exec(size ?? '') ?? []
    return Number(amount) * (unit === 'GB' ? 1_024 : 1)
  }
})
