/** The constant part of a problem. */
export interface ProblemKind {
  readonly status: number
  readonly title: string
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
  malformed_http: { status: 400, title: 'The HTTP message is malformed' },
  malformed_url: { status: 400, title: 'The URL is malformed' },
  malformed_json: { status: 400, title: 'The body is not well-formed JSON' },
  invalid_request: {
    status: 400,
    title: 'The request is invalid',
    detail: 'Some fields are not as they should be.',
  },
  invalid_prefer: { status: 400, title: 'The Prefer header is invalid' },
  invalid_idempotency_key: { status: 400, title: 'The Idempotency-Key header is invalid' },
  invalid_webhook: { status: 400, title: 'The webhook was not signed by its provider', logLevel: 'warn' },
  invalid_recovery: { status: 400, title: 'The link is over or was never valid' },
  unauthenticated: { status: 401, title: 'Authentication is required' },
  forbidden: { status: 403, title: 'The role does not allow this' },
  not_found: { status: 404, title: 'There is no such thing' },
  method_not_allowed: { status: 405, title: 'The method is not allowed here' },
  request_timeout: { status: 408, title: 'The request took too long to arrive' },
  invalid_transition: { status: 409, title: 'The status does not allow this' },
  hold_expired: { status: 409, title: 'The time to pay is over' },
  already_decided: { status: 409, title: 'The request is decided already' },
  already_exists: { status: 409, title: 'There is one already' },
  idempotency_key_in_flight: {
    status: 409,
    title: 'A request with this idempotency key is being worked on',
    retryAfterSeconds: 1,
  },
  seats_sold: { status: 409, title: 'Seats that are sold would vanish' },
  in_use: { status: 409, title: 'Bookings hold on to this' },
  not_on_sale: { status: 409, title: 'This is no longer on sale' },
  not_confirmed: { status: 409, title: 'The booking is not confirmed' },
  not_cancellable: { status: 409, title: 'The booking can no longer be cancelled by its buyer' },
  nothing_to_refund: { status: 409, title: 'There is nothing to refund' },
  refund_exceeds_captured: { status: 409, title: 'The refund is larger than what is left' },
  too_many_endpoints: { status: 409, title: 'There are as many endpoints as there may be' },
  too_many_tickets: { status: 409, title: 'There are more tickets than are printed' },
  too_many_versions: { status: 409, title: 'There are as many versions as there may be' },
  layout_in_use: { status: 409, title: 'This version of the seating is in use' },
  body_too_large: { status: 413, title: 'The body is too large' },
  unsupported_media_type: { status: 415, title: 'The body is of an unsupported type or encoding' },
  idempotency_key_reused: { status: 422, title: 'The idempotency key was used with another body' },
  too_many_requests: { status: 429, title: 'Too many requests' },
  too_many_holds: { status: 429, title: 'Too much is held and not paid for' },
  headers_too_large: { status: 431, title: 'The headers are too large' },
  internal_error: { status: 500, title: 'Something went wrong', logLevel: 'error' },
  payment_provider_refused: {
    status: 502,
    title: 'The payment provider refused',
    detail: 'The payment has failed; another one may be started.',
    logLevel: 'error',
  },
  overloaded: { status: 503, title: 'The line is full', detail: 'Nothing was accepted; try again later.' },
  unavailable: {
    status: 503,
    title: 'Temporarily unavailable',
    detail: TRY_AGAIN,
    retryAfterSeconds: 1,
    logLevel: 'error',
  },
  payment_provider_unavailable: {
    status: 503,
    title: 'The payment provider cannot be reached',
    detail: TRY_AGAIN,
    retryAfterSeconds: 2,
    logLevel: 'error',
  },
  unknown_payment: { status: 503, title: 'The payment is not known yet', retryAfterSeconds: 5 },
} as const satisfies Record<string, ProblemKind>

export type ProblemCode = keyof typeof TABLE

/** Every problem that a call is answered with. Codes are part of the contract and are never reused. */
export const PROBLEMS: Readonly<Record<ProblemCode, ProblemKind>> = TABLE
