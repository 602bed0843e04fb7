/** The constant part of a problem. */
export interface ProblemKind {
  readonly status: number
  readonly title: string
  /** The condition under which it occurs, for the table of docs/reference.md. */
  readonly when: string
  /** The sentence for people if the occurrence has none of its own. Default: the title. */
  readonly detail?: string
  /** The seconds until the same call may succeed, unless the occurrence gives another value. */
  readonly retryAfterSeconds?: number
  /** The level at which it is logged, if an operator should see it. */
  readonly logLevel?: 'warn' | 'error'
}

/** The connection may have broken after the commit, so the request may have been accepted. */
const TRY_AGAIN = 'Retry in a moment, with the same Idempotency-Key if you sent one.'

const TABLE = {
  malformed_http: { status: 400, title: 'The HTTP message is malformed', when: 'the HTTP message cannot be parsed' },
  malformed_url: { status: 400, title: 'The URL is malformed', when: 'the path has a broken percent-encoding' },
  malformed_json: { status: 400, title: 'The body is not well-formed JSON', when: 'the body is not JSON' },
  invalid_request: {
    status: 400,
    title: 'The request is invalid',
    when: 'fields or query parameters are missing, unknown or invalid; see `errors`',
    detail: 'Some fields are invalid.',
  },
  invalid_prefer: {
    status: 400,
    title: 'The Prefer header is invalid',
    when: '`Prefer` is malformed, or asks to wait longer than 25 seconds',
  },
  invalid_idempotency_key: {
    status: 400,
    title: 'The Idempotency-Key header is invalid',
    when: '`Idempotency-Key` is malformed, too long or sent twice',
  },
  invalid_webhook: {
    status: 400,
    title: 'The signature of the webhook is invalid',
    when: 'a payment webhook is not signed by its provider, or its signature is too old',
    logLevel: 'warn',
  },
  invalid_recovery: {
    status: 400,
    title: 'The link has expired or is invalid',
    when: 'the mailed link has expired or is invalid; request a new one',
  },
  unauthenticated: {
    status: 401,
    title: 'Authentication is required',
    when: 'the token is missing, expired, forged or meant for another service',
  },
  forbidden: {
    status: 403,
    title: 'The caller may not do this',
    when: "the token's role or the key's scopes do not allow this",
  },
  not_found: { status: 404, title: 'Not found', when: 'it does not exist, or you may not see it' },
  method_not_allowed: {
    status: 405,
    title: 'The method is not allowed here',
    when: 'the path supports other methods; see `Allow`',
  },
  request_timeout: {
    status: 408,
    title: 'The request took too long to arrive',
    when: 'the request took too long to arrive',
  },
  invalid_transition: {
    status: 409,
    title: 'The status does not allow this',
    when: 'the status does not allow this; `current` is the status, `allowed` lists the statuses it may change to',
  },
  hold_expired: { status: 409, title: 'The time to pay has expired', when: 'the time to pay has expired' },
  already_decided: {
    status: 409,
    title: 'The request has already been decided',
    when: 'the booking request already has its outcome, which never changes',
  },
  already_exists: {
    status: 409,
    title: 'The name or code is already in use',
    when: 'the name or code is already in use',
  },
  idempotency_key_in_flight: {
    status: 409,
    title: 'A request with this idempotency key is in progress',
    when: 'a request with this idempotency key is in progress; see `Retry-After`',
    retryAfterSeconds: 1,
  },
  seats_sold: {
    status: 409,
    title: 'The new layout lacks seats that are sold',
    when: 'the new layout lacks or disables seats that are held or sold (`seats` lists them), or has too few places in areas (`areas`)',
  },
  in_use: {
    status: 409,
    title: 'Bookings depend on this',
    when: 'bookings depend on it; if it is a limit, `sold`, `redeemed` or `tickets` is the number already used',
  },
  not_on_sale: {
    status: 409,
    title: 'This is no longer on sale',
    when: 'the showtime or event was taken off sale, or has started',
  },
  not_confirmed: {
    status: 409,
    title: 'The booking is not confirmed',
    when: 'the booking is not confirmed, so it has no tickets; `current` is its status',
  },
  not_cancellable: {
    status: 409,
    title: 'The buyer can no longer cancel this booking',
    when: 'the show has started, or a ticket was used: only the organizer can cancel the booking',
  },
  nothing_to_refund: {
    status: 409,
    title: 'There is nothing to refund',
    when: 'nothing was paid, or everything has been refunded',
  },
  refund_exceeds_captured: {
    status: 409,
    title: 'The refund is larger than the refundable amount',
    when: 'the refund is larger than `refundable`, in minor units of `currency`',
  },
  too_many_endpoints: {
    status: 409,
    title: 'The limit of webhook endpoints is reached',
    when: 'the number of webhook endpoints has reached `limit`',
  },
  too_many_tickets: {
    status: 409,
    title: 'There are too many tickets for one PDF',
    when: 'the booking has more `tickets` than the `limit` of one PDF; show their codes instead',
  },
  too_many_versions: {
    status: 409,
    title: 'The limit of seating versions is reached',
    when: 'the auditorium has `versions` versions of its seating, and `limit` is the maximum',
  },
  layout_in_use: {
    status: 409,
    title: 'This version of the seating is in use',
    when: '`showtimes` showtimes use this version of the seating, or it is the latest',
  },
  body_too_large: {
    status: 413,
    title: 'The body is too large',
    when: 'the body is larger than 64 KB, or 8 MB for a seating import',
  },
  unsupported_media_type: {
    status: 415,
    title: 'The type or encoding of the body is not supported',
    when: 'the `Content-Type` is not JSON, or the body is compressed',
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
    title: 'Too many places are held without payment',
    when: 'too many places are held without payment; `limit` and `held` are in places; see `Retry-After`',
  },
  headers_too_large: { status: 431, title: 'The headers are too large', when: 'the headers are too large' },
  internal_error: {
    status: 500,
    title: 'Something went wrong',
    when: 'a bug; the log has the error under `requestId`',
    logLevel: 'error',
  },
  payment_provider_refused: {
    status: 502,
    title: 'The payment provider rejected the payment',
    when: 'the payment provider rejected the payment; you may start another one',
    detail: 'The payment has failed. You may start another one.',
    logLevel: 'error',
  },
  overloaded: {
    status: 503,
    title: 'The service is overloaded',
    when: 'the line or another bounded resource is full, and nothing was accepted; see `Retry-After`',
    detail: 'Nothing was accepted; retry later.',
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
    title: 'The payment provider is not available',
    when: 'the payment provider cannot be reached; repeat the same call to continue',
    detail: TRY_AGAIN,
    retryAfterSeconds: 2,
    logLevel: 'error',
  },
  unknown_payment: {
    status: 503,
    title: 'The payment is not known yet',
    when: 'a webhook reports a payment that is not known yet; the provider sends it again',
    retryAfterSeconds: 5,
  },
} as const satisfies Record<string, ProblemKind>

export type ProblemCode = keyof typeof TABLE

/** Every problem that a call can return. Codes are public and never reused. */
export const PROBLEMS: Readonly<Record<ProblemCode, ProblemKind>> = TABLE
