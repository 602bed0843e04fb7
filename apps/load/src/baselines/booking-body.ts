import { hash } from 'node:crypto'
import { bookingRequestBody } from '@boxoffice/contract/schemas/selection.ts'
import type { BookingRequest, Customer } from '@boxoffice/core/domain/booking-request.ts'
import { wishesOf } from '@boxoffice/core/domain/wish.ts'
import { newId } from '@boxoffice/core/runtime/new-id.ts'
import type { Caller } from '@boxoffice/core/access/tokens.ts'

/** Request as the decision needs it, with what its rows need besides. */
export interface BaselineRequest extends BookingRequest {
  readonly owner: string
  readonly customer: Customer
}

/**
 * Validates a body as the API does, and returns what the decision and the rows need. The load sends neither promo codes
 * nor expected totals. Throws `z.ZodError`.
 */
export function bookingRequestOf(input: unknown, caller: Caller): BaselineRequest {
  const { resource, customer, ...wish } = bookingRequestBody.parse(input)
  const { name, email, phone } = customer
  return {
    id: newId(),
    // Neither baseline has a line.
    seq: 0,
    resourceId: resource.id,
    owner: caller.subject,
    wishes: wishesOf(wish),
    seller: 'public',
    blockId: null,
    holdUntil: null,
    promoCode: null,
    expectedTotal: null,
    customer: { name, email, ...(phone !== undefined && { phone }) },
    customerKeys: [`o:${sha256(caller.subject)}`, `e:${sha256(email.trim().toLowerCase())}`],
    acceptedAt: Date.now(),
  }
}

const sha256 = (text: string) => hash('sha256', text, 'hex')
