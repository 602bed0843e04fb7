import type { Database } from '@boxoffice/core/db/connect.ts'
import { API, JWT_SECRET, type ProcessOptions, startProcesses, WORKER } from '@boxoffice/load-rig/product.ts'
import type { Watched } from '@boxoffice/load-rig/process-usage.ts'
import type { OpenTarget } from './target.ts'
import { tokenSigner } from './target-tokens.ts'

/** Starts a worker and an API on servers that are there, and resolves when they are ready. */
export async function openProduct(
  database: Database,
  servers: readonly Watched[],
  options: ProcessOptions,
): Promise<OpenTarget> {
  const running = await startProcesses(
    [
      { name: 'worker', path: WORKER },
      { name: 'api', path: API },
    ],
    options,
  )
  return {
    url: running.url,
    database,
    watched: [...running.watched, ...servers],
    sign: tokenSigner(JWT_SECRET),
    failed: running.failed,
    close: () => running.stop(),
  }
}
