import type { Database } from '@boxoffice/core/db/connect.ts'
import type { Logger } from '@boxoffice/core/logger.ts'
import { parseEventsSecret } from '@boxoffice/core/events-secret.ts'
import { eventPoster } from '@boxoffice/core/services/outbox/post-event.ts'
import { relayOutbox } from '@boxoffice/core/services/outbox/relay-outbox.ts'
import type { Settings } from '@boxoffice/core/settings.ts'
import { every } from './every.ts'

const RELAY_EVERY_MS = 250

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
  return [every(RELAY_EVERY_MS, 'relay events', logger, () => relayOutbox(deps, stopping))]
}
