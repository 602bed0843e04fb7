import type { RequestPayload } from '../db/schema/line.ts'
import type { TrackedRequest } from './request-view.ts'

/** A validated booking request on its way into the line. */
export interface Submission {
  readonly resourceId: string
  readonly kind: 'showtime' | 'event'
  readonly owner: string
  /** `null` makes one up, so that a COMMIT of unknown outcome can be repeated with the same rows. */
  readonly idempotencyKey: string | null
  readonly payload: RequestPayload
  readonly customerKeys: readonly string[]
}

/** What the API needs of the line of waiting requests: to put requests into it and to hear how they ended. */
export interface BookingLine {
  /**
   * Durable once resolved. `replayed` says that the idempotency key was known and this is the earlier request.
   * Throws Problem `not_found`, `overloaded`, `idempotency_key_reused`.
   */
  accept(submission: Submission): Promise<TrackedRequest & { readonly replayed: boolean }>
  /** Whether the idempotency key was used before: `accept` then puts nothing into the line. */
  isKnown(submission: Pick<Submission, 'owner' | 'idempotencyKey'>): Promise<boolean>
  /** Who sells the showtime or event; `null` where there is none. */
  organizerOf(resourceId: string): Promise<string | null>
  /** The request by id, or `null`. */
  find(id: string): Promise<TrackedRequest | null>
  /**
   * Resolves with the request as soon as it is decided, at the latest after `timeoutMs` with what it is then.
   * `request` must come from `accept` or `find`. `signal` aborts when the client is gone.
   */
  outcome(request: TrackedRequest, timeoutMs: number, signal: AbortSignal): Promise<TrackedRequest>
  /**
   * Follows a request: `onPosition` at once and then at most once a second with a never rising `ahead`, in the end
   * `onOutcome` once; for a decided request `onOutcome` at once. Returns a function that stops it.
   */
  follow(
    request: TrackedRequest,
    listener: { onPosition(view: TrackedRequest['view']): void; onOutcome(view: TrackedRequest['view']): void },
  ): () => void
}
