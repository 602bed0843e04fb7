import type { z } from 'zod'
import type { bookingRequestBody } from '@boxoffice/contract/schemas/selection.ts'
import type { Submission } from '@boxoffice/core/domain/booking-request.ts'
import type { Caller } from '@boxoffice/core/access/tokens.ts'
import { customerKeys } from './customer-keys.ts'

type Body = z.output<typeof bookingRequestBody>

/** None: a field of the body that is not copied below does not compile. */
type Forgotten = Record<string, never>

/** Returns what the line is given of a call. `sells` as `sellsIt` says. */
export function submissionOf(body: Body, caller: Caller, sells: boolean, key: string | null): Submission {
  const { type: kind, id: resourceId, ...forgotten } = body.resource
  return {
    ...(forgotten satisfies Forgotten),
    resourceId,
    kind,
    owner: caller.subject,
    idempotencyKey: key,
    payload: requestPayload(body),
    customerKeys: customerKeys(caller, sells, body.customer.email),
  }
}

/** Returns what the line keeps of the body: everything but the resource, which has columns of its own. */
function requestPayload(body: Body): Submission['payload'] {
  const { resource: _, seats, tickets, promoCode, expectedTotal, customer, ...forgotten } = body
  const { name, email, phone, ...forgottenOfCustomer } = customer
  return {
    ...(forgotten satisfies Forgotten),
    ...(seats !== undefined && { seats }),
    ...(tickets !== undefined && { tickets: tickets.map(ticketsOfType) }),
    ...(promoCode !== undefined && { promoCode }),
    ...(expectedTotal !== undefined && { expectedTotal }),
    customer: {
      ...(forgottenOfCustomer satisfies Forgotten),
      name,
      email,
      ...(phone !== undefined && { phone }),
    },
  }
}

function ticketsOfType({ ticketTypeId, quantity, ...forgotten }: NonNullable<Body['tickets']>[number]) {
  return { ...(forgotten satisfies Forgotten), ticketTypeId, quantity }
}
