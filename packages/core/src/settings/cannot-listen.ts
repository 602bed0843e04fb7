import type { Settings } from './settings.ts'

/** Returns why the API cannot have its address, in one sentence for the person who started it. */
export function cannotListen(error: unknown, { PORT, HOST }: Pick<Settings, 'PORT' | 'HOST'>): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'EADDRINUSE') return `Port ${PORT} is taken; set PORT to another one, or to 0 for any free one.`
  if (code === 'EACCES') return `Port ${PORT} needs more rights than this process has; set PORT to another one.`
  return `The API cannot listen on ${HOST}:${PORT}: ${error instanceof Error ? error.message : String(error)}.`
}
