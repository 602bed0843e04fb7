import type { Caller } from '@boxoffice/core/access/tokens.ts'
import { Problem, notFound } from '@boxoffice/core/use-case/problem.ts'

/**
 * Returns the organizer that something is created for: the caller's own; admins name one. Another organizer than one's
 * own does not exist.
 *
 * @param named `organizerId` of the body, if any
 */
export function organizerOf(caller: Caller, named: string | undefined): string {
  if (caller.role === 'admin') {
    if (named !== undefined) return named
    const detail = 'Required for admins.'
    throw new Problem('invalid_request', { detail, errors: [{ pointer: '/organizerId', detail }] })
  }
  if (caller.organizerId === null) {
    throw new Problem('forbidden', { detail: 'This token does not name its organizer (claim org).' })
  }
  if (named !== undefined && named !== caller.organizerId) throw notFound('organizer')
  return caller.organizerId
}
