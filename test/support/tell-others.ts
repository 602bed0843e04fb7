import { queueMoveMails } from '@boxoffice/core/mail/queue-move-mails.ts'
import { publishOutgoingEvents } from '@boxoffice/core/outbox/publish-outgoing-events.ts'
import type { Lifecycle } from './lifecycle.ts'

/** Publishes all outgoing events and queues the mails about moves, as a worker does. */
export async function tellOthers(lifecycle: Lifecycle): Promise<void> {
  await publishOutgoingEvents(lifecycle.database)
  await queueMoveMails(lifecycle)
}
