import { join } from 'node:path'
import type { Watched } from './process-usage.ts'

/** Where CPU profiles go, and what their names begin with. */
export interface CpuProfile {
  readonly directory: string
  readonly prefix: string
}

/** Node's flags for a process that leaves a profile when it ends; none for `null`. */
export function profileFlags(profile: CpuProfile | null, name: string): string[] {
  if (profile === null) return []
  return ['--cpu-prof', `--cpu-prof-dir=${profile.directory}`, `--cpu-prof-name=${profileFile(profile, name)}`]
}

/** The profiles that processes write when they end. */
export function profilePaths(
  profile: CpuProfile,
  watched: readonly Watched[],
): { readonly name: string; readonly path: string }[] {
  return watched.map(({ name }) => ({ name, path: join(profile.directory, profileFile(profile, name)) }))
}

const profileFile = ({ prefix }: CpuProfile, name: string) => `${prefix}-${name}.cpuprofile`
