import type { OutgoingEventType } from '../domain/outgoing-events/outgoing-events.ts'

/** The type of what `POST …/test` sends. It goes to one endpoint, and is not in the feed. */
export const TEST_EVENT = 'webhook_endpoint.test' satisfies OutgoingEventType
