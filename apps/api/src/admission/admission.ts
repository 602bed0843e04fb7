import type { Request, Response } from 'express'
import type { Operation } from '@boxoffice/contract/operation.ts'
import type { Refusal } from '@boxoffice/core/domain/refusals/refusal.ts'
import type { Caller } from '@boxoffice/core/access/tokens.ts'

export type LimitedOperation = Pick<Operation, 'limit' | 'path'>

/**
 * Lets calls in, or answers 429 `too_many_requests` by throwing. Sets the RateLimit headers of the answer, whatever the
 * answer will be.
 */
export interface Admission {
  /** Admits a call that needs no token, by the address alone. */
  admitAnyone(request: Request, response: Response, operation: LimitedOperation): Promise<void>
  /**
   * Admits a call by the address, and by the caller, whom `identify` finds or rejects. Both are counted at once, so
   * that a call waits for it once.
   */
  admitCaller(
    request: Request,
    response: Response,
    operation: LimitedOperation,
    identify: () => Promise<Caller>,
  ): Promise<Caller>
  /**
   * Admits a booking request whose address is over its limits, if the organizer that it is for trusts the address. Throws
   * 429 otherwise. `organizerOf` is called only if it matters.
   */
  admitBooking(request: Request, caller: Caller, organizerOf: () => Promise<string | null>): Promise<void>
  /**
   * Counts a lookup of something that does not exist, that the caller may not see, or that nobody signed: guessers get
   * here often.
   */
  noteMiss(request: Request, operation: LimitedOperation, caller: Caller | null): Promise<void>
  /** Admits a typed promo code before it is looked up. Throws 429 if the caller has tried too many invalid ones. */
  admitPromoCode(request: Request, caller: Caller): Promise<void>
  /**
   * Admits the promo code of a quote. Concurrent quotes count as wrong until the returned function is called, once the
   * answer is known and counted.
   */
  beginQuote(request: Request, caller: Caller): Promise<() => void>
  /** Counts a quote with a promo code that was refused: guessers of promo codes get here often. */
  noteQuoted(request: Request, caller: Caller, refusal: Refusal): Promise<void>
  /**
   * Returns a function that counts the refusal of a booking request, for when that is known. It keeps nothing of
   * `request`, for that may be minutes later.
   *
   * @param hasCode the request has a promo code, which may be guessed
   */
  refusalNoter(request: Request, caller: Caller, hasCode: boolean): (refusal: Refusal) => void
}

/** `LIMITS=off`. */
export const NO_LIMITS: Admission = {
  admitAnyone: () => Promise.resolve(),
  admitCaller: (_request, _response, _operation, identify) => identify(),
  admitBooking: () => Promise.resolve(),
  noteMiss: () => Promise.resolve(),
  admitPromoCode: () => Promise.resolve(),
  beginQuote: () => Promise.resolve(() => undefined),
  noteQuoted: () => Promise.resolve(),
  refusalNoter: () => () => undefined,
}
