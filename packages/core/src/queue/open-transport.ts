import type { Telemetry } from 'bullmq'
import type { Logger } from '../runtime/logger.ts'
import type { Settings } from '../settings/settings.ts'
import { StartupError } from '../runtime/startup-error.ts'
import { openPostgresTransport } from './postgres-transport.ts'
import { openRedisTransport } from './redis-transport.ts'
import { parseRedisUrl } from '../settings/redis-url.ts'
import type { Transport } from './transport.ts'

/** Opens the transport that the settings ask for. Rejects with one clear sentence if it cannot be reached. */
export async function openTransport(
  settings: Pick<Settings, 'QUEUE_URL' | 'QUEUE_NAMESPACE' | 'LANES'> & { readonly DATABASE_URL: string },
  logger: Logger,
  telemetry?: Telemetry,
): Promise<Transport> {
  const { QUEUE_URL, QUEUE_NAMESPACE, DATABASE_URL, LANES } = settings
  try {
    if (QUEUE_URL === undefined)
      return await openPostgresTransport({ url: DATABASE_URL, lanes: LANES, logger, telemetry })
    const target = parseRedisUrl(QUEUE_URL)
    if (target === null) throw new Error('it has none of the known forms')
    return await openRedisTransport({ target, namespace: QUEUE_NAMESPACE, logger, telemetry })
  } catch (error) {
    const where = QUEUE_URL === undefined ? 'in the database at DATABASE_URL' : 'at QUEUE_URL'
    const reason = error instanceof Error ? error.message : String(error)
    throw new StartupError(`The queue ${where} cannot be used: ${reason}.`, { cause: error })
  }
}
