import type { Submission } from '../domain/booking-request.ts'
import type { RequestView, StoredRequest } from './request-view.ts'

/** Line of waiting requests, as the API uses it: it accepts requests and reports how they ended. */
export interface BookingLine {
  /**
   * Durable once resolved. `replayed` says that the idempotency key was known and this is the earlier request.
   * Throws Problem `not_found`, `overloaded`, `idempotency_key_reused`.
   */
  accept(submission: Submission): Promise<StoredRequest & { readonly replayed: boolean }>
  /** Returns whether the idempotency key was used before: `accept` then puts nothing into the line. */
  isKnown(submission: Pick<Submission, 'owner' | 'idempotencyKey'>): Promise<boolean>
  /** Returns the organizer of the showtime or event; `null` if there is none. */
  organizerOf(resourceId: string): Promise<string | null>
  /** The request by id, or `null`. */
  find(id: string): Promise<StoredRequest | null>
  /**
   * Resolves with the request as soon as it is decided, at the latest after `timeoutMs` with what it is then.
   * `request` must come from `accept` or `find`. `signal` aborts when the client is gone.
   */
  outcome(request: StoredRequest, timeoutMs: number, signal: AbortSignal): Promise<StoredRequest>
  /**
   * Follows a request: `onPosition` at once and then at most once a second with a never rising `ahead`, in the end
   * `onOutcome` once; for a decided request `onOutcome` at once. Returns a function that stops it.
   */
  follow(
    request: StoredRequest,
    listener: { onPosition(view: RequestView): void; onOutcome(view: RequestView): void },
  ): () => void
}
