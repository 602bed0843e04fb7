import { readdirSync, readFileSync } from 'node:fs'

/** Fields of /proc/<pid>/stat are counted from the state, which follows the name in parentheses (proc(5)). */
const PARENT = 1
const OWN_TIMES = [11, 12] as const
const REAPED_CHILDREN_TIMES = [13, 14] as const
/** USER_HZ, which is 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100

/** A process whose cost is reported. */
export interface Watched {
  readonly name: string
  readonly pid: number
  /** Its cost is that of its children too: PostgreSQL has a process per connection. */
  readonly withChildren?: boolean
}

/** Returns the CPU seconds used so far; `null` if the system does not tell (no /proc, or the process is gone). */
export function cpuSeconds({ pid, withChildren = false }: Watched): number | null {
  const own = statOf(pid)
  if (own === null) return null
  let ticks = sum(own, OWN_TIMES)
  if (withChildren) {
    // A connection that was closed counts among the reaped, so that nothing is lost between two readings.
    ticks += sum(own, REAPED_CHILDREN_TIMES)
    for (const child of childrenOf(pid)) ticks += sum(statOf(child) ?? [], OWN_TIMES)
  }
  return ticks / TICKS_PER_SECOND
}

/** Returns the largest resident set the process ever had, in MB; `null` if the system does not tell. */
export function peakResidentMb(pid: number): number | null {
  const kilobytes = memoryKb(pid, 'VmHWM')
  return Number.isNaN(kilobytes) ? null : Math.round(kilobytes / 102.4) / 10
}

/** Returns the resident set now, in KB; NaN if the system does not tell. */
export const residentKb = (pid: number): number => memoryKb(pid, 'VmRSS')

function memoryKb(pid: number, field: 'VmHWM' | 'VmRSS'): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    return Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1])
  } catch {
    return Number.NaN
  }
}

/** Returns the process that started `pid`; `null` if the system does not tell. */
export function parentOf(pid: number): number | null {
  return statOf(pid)?.[PARENT] ?? null
}

function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => parentOf(pid) === parent)
}

function statOf(pid: number): number[] | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number)
  } catch {
    return null
  }
}

function sum(fields: readonly number[], wanted: readonly number[]): number {
  return wanted.reduce((total, field) => total + (fields[field] ?? 0), 0)
}
