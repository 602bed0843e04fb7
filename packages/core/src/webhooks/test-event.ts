/** The type of what `POST …/test` sends. It is told to one endpoint, and is no event: it is not in the feed. */
export const TEST_EVENT = 'webhook_endpoint.test'
