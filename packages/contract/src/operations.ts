import type { Operation } from './operation.ts'
import * as apiKeys from './operations/api-keys.ts'
import * as guestSessions from './operations/guest-sessions.ts'

/** Every call of the API. What is not among them is served by itself: the sandbox's pages, Bull Board, the docs. */
export const OPERATIONS: readonly Operation[] = [apiKeys, guestSessions].flatMap((group) => Object.values(group))
