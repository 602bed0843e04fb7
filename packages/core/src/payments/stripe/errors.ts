import type { Logger } from '../../runtime/logger.ts'
import { ProviderRefusedError, ProviderUnavailableError } from '../provider.ts'
import { loadStripe } from './sdk.ts'

/** Codes with which Stripe asks for patience, whatever the status: another request holds the object or the key. */
const BUSY_CODES: ReadonlySet<string> = new Set(['lock_timeout', 'idempotency_key_in_use', 'rate_limit'])

/**
 * Returns the meaning of one of Stripe's errors; any other error stays as it is. An error that may mean "nothing is
 * known" counts as unavailable: a payment must not be given up because of a guess.
 */
export function asProviderError(error: unknown, logger?: Logger): Error {
  const { StripeError } = loadStripe().errors
  if (!(error instanceof StripeError)) return error instanceof Error ? error : new Error(String(error))
  const request = error.requestId ? ` (Stripe's request ${error.requestId})` : ''
  if (error.code !== undefined && BUSY_CODES.has(error.code)) {
    return new ProviderUnavailableError(`Stripe is busy: ${error.message}${request}`, { cause: error })
  }
  switch (error.type) {
    case 'StripeAuthenticationError':
    case 'StripePermissionError': {
      // Neither the key nor Stripe's own sentence and error, which quote parts of it.
      const says = error.type === 'StripePermissionError' ? 'does not allow this with' : 'does not accept'
      const message = `Stripe ${says} the key in STRIPE_SECRET_KEY: the operator has to give another one${request}.`
      logger?.error({ provider: 'stripe', code: error.code }, message)
      // Not the end of anything: a refund that was due must go out once there is a key again.
      return new ProviderUnavailableError(message)
    }
    case 'StripeCardError':
    case 'StripeInvalidRequestError':
    case 'StripeIdempotencyError':
      return new ProviderRefusedError(`${error.message}${request}`, { cause: error })
    default:
      return new ProviderUnavailableError(`Stripe cannot be asked: ${error.message}${request}`, { cause: error })
  }
}

/** Returns whether Stripe knows no such object. */
export function isMissing(error: unknown): boolean {
  return isInvalidRequest(error) && error.code === 'resource_missing'
}

export function isInvalidRequest(error: unknown): error is Error & { readonly code?: string | undefined } {
  return error instanceof loadStripe().errors.StripeInvalidRequestError
}

/** Returns whether the key was sent before with another request. */
export function isKeyReused(error: unknown): boolean {
  const { StripeIdempotencyError } = loadStripe().errors
  return error instanceof StripeIdempotencyError && error.code !== 'idempotency_key_in_use'
}
