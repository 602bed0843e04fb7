import { setTimeout as delay } from 'node:timers/promises'
import type { Database } from '@boxoffice/core/db/connect.ts'
import type { Logger } from '@boxoffice/core/logger.ts'
import { parseEventsSecret } from '@boxoffice/core/events-secret.ts'
import { eventPoster } from '@boxoffice/core/services/outbox/post-event.ts'
import { relayOutbox } from '@boxoffice/core/services/outbox/relay-outbox.ts'
import type { Settings } from '@boxoffice/core/settings.ts'
import { every } from './every.ts'

const RELAY_EVERY_MS = 250
/** A receiver that is back hears of it within this time. */
const MAX_PAUSE_MS = 15_000

/** Relays outgoing events to EVENTS_URL, where it is set. Returns what stops it, in the form of the other periodic work. */
export function eventRelay(
  { EVENTS_URL, EVENTS_SECRET }: Pick<Settings, 'EVENTS_URL' | 'EVENTS_SECRET'>,
  database: Database,
  logger: Logger,
  stopping: AbortSignal,
): (() => Promise<void>)[] {
  const key = EVENTS_SECRET === undefined ? null : parseEventsSecret(EVENTS_SECRET)
  if (EVENTS_URL === undefined || key === null) return []
  const deps = { database, logger, deliver: eventPoster(EVENTS_URL, key) }
  let failures = 0
  const relay = async () => {
    const { receiverIsAway } = await relayOutbox(deps, stopping)
    failures = receiverIsAway ? failures + 1 : 0
    if (failures === 0) return
    const pauseMs = Math.min(MAX_PAUSE_MS, RELAY_EVERY_MS * 2 ** failures)
    await delay(pauseMs, undefined, { signal: stopping }).catch(() => undefined)
  }
  return [every(RELAY_EVERY_MS, 'relay events', logger, relay)]
}
