import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inject } from 'vitest'
import { eventually } from './eventually.ts'
import { findFreePort } from './free-port.ts'

export interface TestRedis {
  readonly url: string
  readonly port: number
  /** Ends it as a crash would; data that is not in the append-only file is lost. */
  kill(): Promise<void>
  /** Starts it again on the same port and directory after `kill`. */
  restart(): Promise<void>
  /** Keeps connections open and lets commands hang. */
  freeze(): void
  resume(): void
  /** Runs FLUSHALL: everything is gone, schedulers and scripts included. */
  flush(): Promise<void>
  /** Ends it for good and removes its files. Works on a frozen one too. */
  stop(): Promise<void>
}

/** Returns whether this machine has `redis-server`: `describe.runIf(hasRedis())(…)`. */
export function hasRedis(): boolean {
  return inject('redisServer') !== null
}

export interface RedisOptions {
  /** Writes every command to disk. */
  readonly durable?: boolean
  /** A node for a cluster, not yet part of one. */
  readonly cluster?: boolean
}

/** The distance of a cluster node's second port from its first. */
const CLUSTER_BUS_OFFSET = 10_000

/** Starts a Redis server of this test file's own, with production's `noeviction`. */
export async function startRedis({ durable = false, cluster = false }: RedisOptions = {}): Promise<TestRedis> {
  const program = inject('redisServer')
  if (program === null) throw new Error('redis-server is not on this machine; guard the suite with hasRedis()')
  let port = await findFreePort()
  while (cluster && port + CLUSTER_BUS_OFFSET > 65_535) port = await findFreePort()
  const directory = await mkdtemp(join(tmpdir(), 'boxoffice-redis-'))
  const launch = () => launchServer(program, port, directory, { durable, cluster })
  let server = await launch()
  const kill = async () => {
    if (server.exitCode !== null || server.signalCode !== null) return
    const exited = once(server, 'exit')
    server.kill('SIGKILL')
    await exited
  }
  const onExit = () => void server.kill('SIGKILL')
  process.once('exit', onExit)
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    kill,
    restart: async () => {
      server = await launch()
    },
    freeze: () => void server.kill('SIGSTOP'),
    resume: () => void server.kill('SIGCONT'),
    flush: async () => {
      await command(port, 'FLUSHALL')
    },
    stop: async () => {
      process.off('exit', onExit)
      await kill()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

async function launchServer(
  program: string,
  port: number,
  directory: string,
  { durable, cluster }: Required<RedisOptions>,
): Promise<ChildProcess> {
  const flags = {
    port: String(port),
    bind: '127.0.0.1',
    dir: directory,
    save: '',
    appendonly: durable ? 'yes' : 'no',
    appendfsync: durable ? 'always' : 'no',
    'maxmemory-policy': 'noeviction',
    'cluster-enabled': cluster ? 'yes' : 'no',
  }
  const server = spawn(
    program,
    Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]),
    { stdio: 'ignore' },
  )
  await eventually(async () => {
    if ((await command(port, 'PING')) !== '+PONG') throw new Error('redis-server is not ready')
  })
  return server
}

/**
 * Sends one inline command (Redis protocol specification, "Inline commands"), and returns the first line of its answer.
 */
async function command(port: number, text: string): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1' })
  try {
    socket.setTimeout(5_000, () => socket.destroy(new Error(`${text} was not answered`)))
    socket.setEncoding('utf8')
    socket.write(`${text}\r\n`)
    const [answer] = await once(socket, 'data')
    return String(answer).split('\r\n')[0] ?? ''
  } finally {
    socket.destroy()
  }
}
