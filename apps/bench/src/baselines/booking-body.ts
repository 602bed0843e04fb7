import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { BookingRequest, Customer, Selection } from '@boxoffice/core/domain/booking-request.ts'
import { newId } from '@boxoffice/core/runtime/new-id.ts'
import type { Caller } from '@boxoffice/core/access/tokens.ts'

const line = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u)

const customer = z.strictObject({ name: line(200), email: z.email().max(254), phone: line(40).optional() })

/** The API's body without promo codes and expected totals, which the load never sends. Unknown fields are errors. */
const bodySchema = z.union([
  z.strictObject({
    resource: z.strictObject({ type: z.literal('showtime'), id: z.guid() }),
    seats: z.array(line(16)).min(1).max(100),
    customer,
  }),
  z.strictObject({
    resource: z.strictObject({ type: z.literal('event'), id: z.guid() }),
    tickets: z
      .array(z.strictObject({ ticketTypeId: z.guid(), quantity: z.int().min(1).max(1_000) }))
      .min(1)
      .max(20),
    customer,
  }),
])

/** A request as the decision needs it, with what its rows need besides. */
export interface BaselineRequest extends BookingRequest {
  readonly owner: string
  readonly customer: Customer
}

/** Validates a request. Throws `z.ZodError`. */
export function bookingRequestOf(input: unknown, caller: Caller): BaselineRequest {
  const body = bodySchema.parse(input)
  const selection: Selection =
    'seats' in body ? { kind: 'showtime', seats: body.seats } : { kind: 'event', tickets: body.tickets }
  const { name, email, phone } = body.customer
  return {
    id: newId(),
    // Neither baseline has a line.
    seq: 0,
    resourceId: body.resource.id.toLowerCase(),
    owner: caller.subject,
    selection,
    promoCode: null,
    expectedTotal: null,
    customer: { name, email, ...(phone !== undefined && { phone }) },
    customerKeys: [`o:${sha256(caller.subject)}`, `e:${sha256(email.trim().toLowerCase())}`],
    acceptedAt: Date.now(),
  }
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
