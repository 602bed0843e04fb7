import { queueMoveMails } from '@boxoffice/core/mail/queue-move-mails.ts'
import { publishEvents } from '@boxoffice/core/outbox/publish-events.ts'
import type { Lifecycle } from './lifecycle.ts'

/** Publishes what has happened and queues the mails about moves, as a worker does. */
export async function tellOthers(lifecycle: Lifecycle): Promise<void> {
  await publishEvents(lifecycle.database)
  await queueMoveMails(lifecycle)
}
