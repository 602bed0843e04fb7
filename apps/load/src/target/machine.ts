import { execFile } from 'node:child_process'
import { open, rm, statfs } from 'node:fs/promises'
import { arch, cpus, platform, release, totalmem } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Machine } from '../results/results.ts'
import type { Servers } from './servers.ts'

const run = promisify(execFile)

/** Describes where and on what numbers are measured. */
export async function describeMachine({
  versions,
  dataDirectory,
}: Pick<Servers, 'versions' | 'dataDirectory'>): Promise<Machine> {
  return {
    date: new Date().toISOString(),
    commit: await commit(),
    cores: cpus().length,
    model: cpus()[0]?.model ?? 'unknown',
    memoryGb: Math.round((totalmem() / 1024 ** 3) * 10) / 10,
    system: `${platform()} ${release()} ${arch()}`,
    node: process.version,
    ...versions,
    syncMs: await medianSyncMs(dataDirectory),
    fileSystem: await fileSystemOf(dataDirectory),
  }
}

async function commit(): Promise<string> {
  try {
    const { stdout } = await run('git', ['describe', '--always', '--dirty', '--abbrev=12'])
    return stdout.trim()
  } catch {
    return 'unknown'
  }
}

const SYNCS = 51

async function medianSyncMs(directory: string): Promise<number> {
  const path = join(directory, 'sync-test')
  const file = await open(path, 'w')
  try {
    const block = Buffer.alloc(8_192, 1)
    const times: number[] = []
    for (let index = 0; index < SYNCS; index++) {
      const startedMs = performance.now()
      await file.write(block, 0, block.length, 0)
      await file.datasync()
      times.push(performance.now() - startedMs)
    }
    times.sort((a, b) => a - b)
    return Math.round((times[(SYNCS - 1) / 2] ?? 0) * 1_000) / 1_000
  } finally {
    await file.close()
    await rm(path, { force: true })
  }
}

/** Magic numbers of statfs(2). */
const FILE_SYSTEMS: Readonly<Record<number, string>> = {
  0xef53: 'ext4',
  0x01021994: 'tmpfs (in memory: syncing costs nothing)',
  0x58465342: 'xfs',
  0x9123683e: 'btrfs',
  0x794c7630: 'overlayfs',
  0x2fc12fc1: 'zfs',
}

async function fileSystemOf(directory: string): Promise<string> {
  const { type } = await statfs(directory)
  return FILE_SYSTEMS[type] ?? `type 0x${type.toString(16)}`
}
