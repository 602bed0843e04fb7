import { Problem } from '@boxoffice/core/use-case/problem.ts'

/** Longest hold that the organizer's people may set. */
const MAX_HOLD_MS = 60 * 86_400_000

/** Terms that only the organizer's people may ask for. */
interface SellerTerms {
  readonly blockId?: string | undefined
  readonly holdUntil?: Date | undefined
}

/**
 * Throws where a customer asks for what only the organizer's people may have, or the hold's end is too far away.
 *
 * @throws Problem `forbidden`, `invalid_request`
 */
export function requireOwnTerms(sells: boolean, { blockId, holdUntil }: SellerTerms, nowMs = Date.now()): void {
  if (!sells && (blockId ?? holdUntil) !== undefined) {
    throw new Problem('forbidden', {
      detail: "Only the organizer's people may take kept places, or say how long places are held.",
    })
  }
  if (holdUntil === undefined) return
  const inMs = holdUntil.getTime() - nowMs
  const wrong = inMs <= 0 ? 'Must be in the future' : inMs > MAX_HOLD_MS ? 'Must be at most 60 days ahead' : null
  if (wrong !== null) throw new Problem('invalid_request', { errors: [{ pointer: '/holdUntil', detail: wrong }] })
}
