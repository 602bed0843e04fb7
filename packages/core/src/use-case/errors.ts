/** The line is full, or takes none at the moment: nothing was accepted, try again later. */
export class OverloadedError extends Error {
  override readonly name = 'OverloadedError'
  readonly retryAfterSeconds: number
  constructor(retryAfterSeconds: number, message = 'Nothing was accepted; try again later.') {
    super(message)
    this.retryAfterSeconds = retryAfterSeconds
  }
}

/** The database did not answer in time. What was to be written may have been written. */
export class UnansweredError extends Error {
  override readonly name = 'UnansweredError'
}

/** The idempotency key was used before with another body (draft-ietf-httpapi-idempotency-key-header-07: 422). */
export class IdempotencyKeyReusedError extends Error {
  override readonly name = 'IdempotencyKeyReusedError'
}

/** Another request with this idempotency key is being worked on at this moment (the same draft: 409). */
export class IdempotencyKeyInFlightError extends Error {
  override readonly name = 'IdempotencyKeyInFlightError'
}

/** No such thing, or the caller may not know of it. */
export class NotFoundError extends Error {
  override readonly name = 'NotFoundError'
  readonly what: string
  constructor(what: string) {
    super(`There is no such ${what}.`)
    this.what = what
  }
}

/** The submission passed validation and still cannot be stored. */
export class InvalidSubmissionError extends Error {
  override readonly name = 'InvalidSubmissionError'
}

/** The lane has no row: nothing is taken into it and nothing decided, for nothing would keep the order. */
export class LaneMissingError extends Error {
  override readonly name = 'LaneMissingError'
  constructor(lane: number) {
    super(
      `Lane ${lane} lacks its row in "lanes" or "lane_intake": its requests are neither taken nor decided. Run the migrations.`,
    )
  }
}

/** A change of status that the table does not allow; `allowed` are those it does. */
export class TransitionRefusedError extends Error {
  override readonly name = 'TransitionRefusedError'
  readonly current: string
  readonly allowed: readonly string[]
  /** `sentence` replaces the usual one, where something other than a change of status was asked for. */
  constructor(what: string, current: string, allowed: readonly string[], sentence?: string) {
    const next = new Intl.ListFormat('en', { type: 'disjunction' }).format(allowed)
    const usual =
      allowed.length === 0
        ? `The ${what} is ${current}, which is final.`
        : `The ${what} is ${current}, and can only become ${next}.`
    super(sentence ?? usual)
    this.current = current
    this.allowed = allowed
  }
}

/** The thing is not in a state in which this can be done to it. */
export class ConflictError extends Error {
  override readonly name = 'ConflictError'
  readonly code: ConflictCode
  /** Facts for programs. */
  readonly facts: Readonly<Record<string, unknown>>
  constructor(code: ConflictCode, message: string, facts: Readonly<Record<string, unknown>> = {}) {
    super(message)
    this.code = code
    this.facts = facts
  }
}

export type ConflictCode =
  | 'already_decided'
  | 'already_exists'
  | 'seats_sold'
  | 'in_use'
  | 'hold_expired'
  | 'not_on_sale'
  | 'not_confirmed'
  | 'not_cancellable'
  | 'nothing_to_refund'
  | 'refund_exceeds_captured'
  | 'too_many_endpoints'
  | 'too_many_versions'
  | 'layout_in_use'
  | 'too_many_tickets'

/** Visible to the caller, whose role does not allow this. */
export class ForbiddenError extends Error {
  override readonly name = 'ForbiddenError'
}
