import type { Request, Response } from 'express'
import type { LimitName } from '@boxoffice/contract/operation.ts'
import type { Caller } from '@boxoffice/core/tokens.ts'

/** Lets calls in, or answers 429 `too_many_requests` by throwing. Sets the RateLimit headers of the answer. */
export interface Admission {
  /** Before anything is known but the address. */
  admitAddress(request: Request, response: Response, limit: LimitName): Promise<void>
  admitCaller(request: Request, response: Response, caller: Caller, limit: LimitName): Promise<void>
}

/** `LIMITS=off`. */
export const NO_LIMITS: Admission = {
  admitAddress: () => Promise.resolve(),
  admitCaller: () => Promise.resolve(),
}
