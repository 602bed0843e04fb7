import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import type { Logger } from '../runtime/logger.ts'

export interface ListenOptions {
  readonly url: string
  readonly channel: string
  readonly logger: Logger
  onMessage(message: string): void
  /** Called after every reconnection: messages sent meanwhile are lost. */
  onGap(): void
}

/** Listens on a dedicated connection and connects again for as long as it takes. Rejects if the first time fails. */
export async function listenForSignals(options: ListenOptions): Promise<{ close(): Promise<void> }> {
  const closing = new AbortController()
  let client: pg.Client | undefined

  const connect = async () => {
    const fresh = new pg.Client({
      connectionString: options.url,
      application_name: 'boxoffice-signals',
      keepAlive: true,
      keepAliveInitialDelayMillis: 5_000,
      connectionTimeoutMillis: 5_000,
      query_timeout: 5_000,
    })
    fresh.on('error', (error) => options.logger.warn({ err: error }, 'signal connection lost'))
    fresh.on('notification', ({ payload }) => payload !== undefined && options.onMessage(payload))
    await fresh.connect()
    try {
      await fresh.query(`listen ${options.channel}`)
    } catch (error) {
      fresh.end().catch(() => {})
      throw error
    }
    fresh.once('end', () => void reconnect())
    client = fresh
    if (closing.signal.aborted) await fresh.end()
  }

  const reconnect = async () => {
    for (let attempt = 0; !closing.signal.aborted; attempt++) {
      try {
        await delay(Math.random() * Math.min(50 * 2 ** attempt, 1_000), undefined, { signal: closing.signal })
        await connect()
        if (!closing.signal.aborted) options.onGap()
        return
      } catch (error) {
        if (!closing.signal.aborted) options.logger.warn({ err: error }, 'signal connection not yet back')
      }
    }
  }

  await connect()
  return {
    close: async () => {
      closing.abort()
      await client?.end()
    },
  }
}
