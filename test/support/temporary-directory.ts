import { chmod, mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Creates a directory in which an embedded server may be started under any account. */
export async function makeTemporaryDirectory(): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'boxoffice-data-'))
  await chmod(path, 0o711)
  return {
    path,
    remove: async () => {
      // The server's data may be a link to a place that its account can reach.
      const data = await realpath(join(path, 'postgres')).catch(() => undefined)
      if (data !== undefined) await rm(data, { recursive: true, force: true })
      await rm(path, { recursive: true, force: true })
    },
  }
}
