import type { Request, Response } from 'express'
import type { Operation } from '@boxoffice/contract/operation.ts'
import type { RefusalCode } from '@boxoffice/core/domain/refusal.ts'
import type { Caller } from '@boxoffice/core/access/tokens.ts'

export type LimitedOperation = Pick<Operation, 'limit' | 'path'>

/**
 * Lets calls in, or answers 429 `too_many_requests` by throwing. Sets the RateLimit headers of the answer, whatever the
 * answer will be.
 */
export interface Admission {
  /** Where no token is needed: by the address alone. */
  admitAnyone(request: Request, response: Response, operation: LimitedOperation): Promise<void>
  /**
   * By the address, and by the caller, whom `identify` finds out, or throws. Both are counted in one go, so that a call
   * waits for that once.
   */
  admitCaller(
    request: Request,
    response: Response,
    operation: LimitedOperation,
    identify: () => Promise<Caller>,
  ): Promise<Caller>
  /** What was asked for is not there, the caller may not see it, or nobody signed it: whoever guesses gets here often. */
  noteMiss(request: Request, operation: LimitedOperation, caller: Caller | null): Promise<void>
  /** Before a typed promo code is looked at. Throws 429 for whoever has tried too many that are none. */
  admitPromoCode(request: Request, caller: Caller): Promise<void>
  /**
   * Likewise for a quote. What is asked at once counts as if it were wrong, until the function is called that this resolves
   * with: once the answer is known, and counted.
   */
  beginQuote(request: Request, caller: Caller): Promise<() => void>
  /** A quote was refused with `code`: whoever guesses promo codes gets here often. */
  noteQuoted(request: Request, caller: Caller, code: RefusalCode): Promise<void>
  /**
   * Returns a function that counts the refusal of a booking request, for when that is known. It keeps nothing of
   * `request`, for that may be minutes later.
   */
  refusalNoter(request: Request, caller: Caller): (code: RefusalCode) => void
}

/** `LIMITS=off`. */
export const NO_LIMITS: Admission = {
  admitAnyone: () => Promise.resolve(),
  admitCaller: (_request, _response, _operation, identify) => identify(),
  noteMiss: () => Promise.resolve(),
  admitPromoCode: () => Promise.resolve(),
  beginQuote: () => Promise.resolve(() => undefined),
  noteQuoted: () => Promise.resolve(),
  refusalNoter: () => () => undefined,
}
