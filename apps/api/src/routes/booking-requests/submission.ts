import type { z } from 'zod'
import type { bookingRequestBody } from '@boxoffice/contract/schemas/selection.ts'
import type { Submission } from '@boxoffice/core/domain/booking-request.ts'
import type { Caller } from '@boxoffice/core/access/tokens.ts'
import { customerKeys } from './customer-keys.ts'

type Body = z.output<typeof bookingRequestBody>

/** Returns what the line is given of a call: all of the body, with columns of its own for the resource. `sells` as `sellsIt` says. */
export function submissionOf(body: Body, caller: Caller, sells: boolean, key: string | null): Submission {
  const { resource, holdUntil, ...payload } = body
  const { type: kind, id: resourceId, ...forgotten } = resource
  return {
    ...(forgotten satisfies Record<string, never>),
    resourceId,
    kind,
    owner: caller.subject,
    idempotencyKey: key,
    payload: {
      ...payload,
      ...(holdUntil !== undefined && { holdUntil: holdUntil.toISOString() }),
      ...(sells && { seller: 'house' as const }),
    },
    customerKeys: customerKeys(caller, sells, body.customer.email),
  }
}
