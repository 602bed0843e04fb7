import { readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import type { Watched } from './process-usage.ts'

/** The directory of CPU profiles, and the beginning of their names. */
export interface CpuProfile {
  readonly directory: string
  readonly prefix: string
}

/** Returns Node's flags for a process that leaves a profile when it ends; none for `null`. */
export function profileFlags(profile: CpuProfile | null, name: string): string[] {
  if (profile === null) return []
  return ['--cpu-prof', `--cpu-prof-dir=${profile.directory}`, `--cpu-prof-name=${profileFile(profile, name)}`]
}

/** Returns the paths of the profiles that processes write when they end. */
export function profilePaths(
  profile: CpuProfile,
  watched: readonly Watched[],
): { readonly name: string; readonly path: string }[] {
  return watched.map(({ name }) => ({ name, path: join(profile.directory, profileFile(profile, name)) }))
}

const profileFile = ({ prefix }: CpuProfile, name: string) => `${prefix}-${name}.cpuprofile`

/** The parts of a V8 CPU profile that are needed (Chrome DevTools Protocol, type `Profiler.Profile`). */
const profileSchema = z.object({
  nodes: z.array(
    z.object({
      id: z.number(),
      callFrame: z.object({ functionName: z.string(), url: z.string(), lineNumber: z.number() }),
    }),
  ),
  samples: z.array(z.number()),
  timeDeltas: z.array(z.number()),
})

/** Time spent in a function itself, without what it calls. */
export interface SelfTime {
  readonly what: string
  readonly ms: number
  /** The share in the time that was not idle. */
  readonly share: number
}

/** Returns the functions with the most self time of a .cpuprofile file, most first; `null` if it cannot be read. */
export async function topSelfTimes(path: string, limit: number): Promise<SelfTime[] | null> {
  let profile: z.infer<typeof profileSchema>
  try {
    profile = profileSchema.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch {
    return null
  }
  const names = new Map(profile.nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]))
  const micros = new Map<string, number>()
  let busy = 0
  for (const [index, id] of profile.samples.entries()) {
    const name = names.get(id) ?? '(unknown)'
    if (name === '(idle)' || name === '(root)') continue
    const delta = profile.timeDeltas[index] ?? 0
    busy += delta
    micros.set(name, (micros.get(name) ?? 0) + delta)
  }
  return [...micros]
    .sort(([, a], [, b]) => b - a)
    .slice(0, limit)
    .map(([what, time]) => ({ what, ms: Math.round(time / 1_000), share: time / busy }))
}

function nameOf({ functionName, url, lineNumber }: { functionName: string; url: string; lineNumber: number }): string {
  if (url === '') return functionName || '(native)'
  const path = url.startsWith('file:') ? relative(process.cwd(), fileURLToPath(url)) : url
  return `${functionName || '(anonymous)'} ${path.replace(/^.*node_modules\//, '')}:${lineNumber + 1}`
}
