/** The constant part of a problem. */
export interface ProblemKind {
  readonly status: number
  readonly title: string
  /** Occasion of the problem, for the table of docs/reference.md. */
  readonly when: string
  /** The sentence for people where the occurrence has none of its own; the title unless given. */
  readonly detail?: string
  /** The seconds until the same call may succeed, where the occurrence says nothing else. */
  readonly retryAfterSeconds?: number
  /** The level that it is logged at, where an operator should see it. */
  readonly logLevel?: 'warn' | 'error'
}

/** The connection may have broken after the commit, so what was sent may have been accepted. */
const TRY_AGAIN = 'Try again in a moment, with the same Idempotency-Key if there was one.'

const TABLE = {
  malformed_http: { status: 400, title: 'The HTTP message is malformed', when: 'the HTTP message cannot be read' },
  malformed_url: { status: 400, title: 'The URL is malformed', when: 'the path has a broken percent-encoding' },
  malformed_json: { status: 400, title: 'The body is not well-formed JSON', when: 'the body is no JSON' },
  invalid_request: {
    status: 400,
    title: 'The request is invalid',
    when: 'fields or query parameters are missing, unknown or of the wrong form; see `errors`',
    detail: 'Some fields are not as they should be.',
  },
  invalid_prefer: {
    status: 400,
    title: 'The Prefer header is invalid',
    when: '`Prefer` is malformed, or asks to wait longer than 25 seconds',
  },
  invalid_idempotency_key: {
    status: 400,
    title: 'The Idempotency-Key header is invalid',
    when: '`Idempotency-Key` is malformed, too long or there twice',
  },
  invalid_webhook: {
    status: 400,
    title: 'The webhook was not signed by its provider',
    when: 'a payment webhook is not signed by its provider, or too long ago',
    logLevel: 'warn',
  },
  invalid_recovery: {
    status: 400,
    title: 'The link is over or was never valid',
    when: 'the mailed link is over, or was never one; ask for a new one',
  },
  unauthenticated: {
    status: 401,
    title: 'Authentication is required',
    when: 'there is no token, or it is expired, forged or meant for another service',
  },
  forbidden: { status: 403, title: 'The role does not allow this', when: "the token's role may not do this" },
  not_found: { status: 404, title: 'There is no such thing', when: 'there is no such thing, or you may not see it' },
  method_not_allowed: {
    status: 405,
    title: 'The method is not allowed here',
    when: 'the path takes other methods; see `Allow`',
  },
  request_timeout: {
    status: 408,
    title: 'The request took too long to arrive',
    when: 'the request took too long to arrive',
  },
  invalid_transition: {
    status: 409,
    title: 'The status does not allow this',
    when: 'the status does not allow this; `current` is the status, `allowed` what it may become',
  },
  hold_expired: { status: 409, title: 'The time to pay is over', when: 'the time to pay is over' },
  already_decided: {
    status: 409,
    title: 'The request is decided already',
    when: 'the booking request has its outcome, which never changes',
  },
  already_exists: { status: 409, title: 'There is one already', when: 'there is one of that name already' },
  idempotency_key_in_flight: {
    status: 409,
    title: 'A request with this idempotency key is being worked on',
    when: 'a request with this idempotency key is being worked on; see `Retry-After`',
    retryAfterSeconds: 1,
  },
  seats_sold: {
    status: 409,
    title: 'Seats that are sold would vanish',
    when: 'seats that are sold would vanish from the layout; `seats` names them',
  },
  in_use: {
    status: 409,
    title: 'Bookings hold on to this',
    when: 'bookings hold on to it; `sold` or `redeemed` is how many where it is a limit',
  },
  not_on_sale: {
    status: 409,
    title: 'This is no longer on sale',
    when: 'the showtime or event was taken off sale, or has begun',
  },
  not_confirmed: {
    status: 409,
    title: 'The booking is not confirmed',
    when: 'the booking is not confirmed, so it has no tickets; `current` is its status',
  },
  not_cancellable: {
    status: 409,
    title: 'The booking can no longer be cancelled by its buyer',
    when: 'it has begun, or a ticket was used: only the organizer can cancel it',
  },
  nothing_to_refund: {
    status: 409,
    title: 'There is nothing to refund',
    when: 'nothing was paid, or all of it has gone back',
  },
  refund_exceeds_captured: {
    status: 409,
    title: 'The refund is larger than what is left',
    when: '`refundable` is what is left to refund, in minor units of `currency`',
  },
  too_many_endpoints: {
    status: 409,
    title: 'There are as many endpoints as there may be',
    when: 'there are as many webhook endpoints as there may be; `limit` is how many',
  },
  too_many_tickets: {
    status: 409,
    title: 'There are more tickets than are printed',
    when: 'the booking has more `tickets` than the `limit` of one PDF; show their codes instead',
  },
  too_many_versions: {
    status: 409,
    title: 'There are as many versions as there may be',
    when: 'the auditorium has `versions` versions of its seating, `limit` is how many it may have',
  },
  layout_in_use: {
    status: 409,
    title: 'This version of the seating is in use',
    when: '`showtimes` showtimes use this version of the seating, or it is the latest',
  },
  body_too_large: { status: 413, title: 'The body is too large', when: 'the body is larger than 64 KB' },
  unsupported_media_type: {
    status: 415,
    title: 'The body is of an unsupported type or encoding',
    when: 'the body is not JSON by its `Content-Type`, or compressed',
  },
  idempotency_key_reused: {
    status: 422,
    title: 'The idempotency key was used with another body',
    when: 'the key was used with another body; nothing was accepted',
  },
  too_many_requests: {
    status: 429,
    title: 'Too many requests',
    when: 'too many calls, refusals or wrong guesses; see `Retry-After` and `RateLimit`',
  },
  too_many_holds: {
    status: 429,
    title: 'Too much is held and not paid for',
    when: 'too much is held and not paid for; `limit` and `held` are in places, see `Retry-After`',
  },
  headers_too_large: { status: 431, title: 'The headers are too large', when: 'the headers are too large' },
  internal_error: {
    status: 500,
    title: 'Something went wrong',
    when: 'a bug; the log has it under `requestId`',
    logLevel: 'error',
  },
  payment_provider_refused: {
    status: 502,
    title: 'The payment provider refused',
    when: 'the payment provider refused; the payment has failed and another one may be started',
    detail: 'The payment has failed; another one may be started.',
    logLevel: 'error',
  },
  overloaded: {
    status: 503,
    title: 'The line is full',
    when: 'the line is full and nothing was accepted; see `Retry-After`',
    detail: 'Nothing was accepted; try again later.',
  },
  unavailable: {
    status: 503,
    title: 'Temporarily unavailable',
    when: "the database or the token issuer's keys cannot be reached; see `Retry-After`",
    detail: TRY_AGAIN,
    retryAfterSeconds: 1,
    logLevel: 'error',
  },
  payment_provider_unavailable: {
    status: 503,
    title: 'The payment provider cannot be reached',
    when: 'the payment provider cannot be reached; the same call again goes on where this one ended',
    detail: TRY_AGAIN,
    retryAfterSeconds: 2,
    logLevel: 'error',
  },
  unknown_payment: {
    status: 503,
    title: 'The payment is not known yet',
    when: 'a webhook is about a payment that is not known yet: providers send it again',
    retryAfterSeconds: 5,
  },
} as const satisfies Record<string, ProblemKind>

export type ProblemCode = keyof typeof TABLE

/** Every problem that a call is answered with. Codes are part of the contract and are never reused. */
export const PROBLEMS: Readonly<Record<ProblemCode, ProblemKind>> = TABLE
