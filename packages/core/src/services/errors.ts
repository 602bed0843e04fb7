/** The line is full: nothing was accepted, try again later. */
export class OverloadedError extends Error {
  override readonly name = 'OverloadedError'
  readonly retryAfterSeconds: number
  constructor(retryAfterSeconds: number) {
    super('The line is full.')
    this.retryAfterSeconds = retryAfterSeconds
  }
}

/** The idempotency key was used before with another body (draft-ietf-httpapi-idempotency-key-header-07: 422). */
export class IdempotencyKeyReusedError extends Error {
  override readonly name = 'IdempotencyKeyReusedError'
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
