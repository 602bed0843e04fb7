import type { Operation } from './operation.ts'
import * as apiKeys from './operations/api-keys.ts'
import * as guestSessions from './operations/guest-sessions.ts'

/**
 * Every call of the API, by its id. What is not among them is served by itself: the sandbox's pages, Bull Board, the
 * docs. A group's file exports operations and nothing else.
 */
export const operations = {
  ...apiKeys,
  ...guestSessions,
}

export const OPERATIONS: readonly Operation[] = Object.values(operations)
