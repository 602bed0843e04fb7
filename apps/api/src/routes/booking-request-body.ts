import { z } from 'zod'
import type { RequestPayload } from '@boxoffice/core/db/schema/line.ts'
import { textLine } from '@boxoffice/contract/fields.ts'

const uuid = z.guid({ error: 'Must be a UUID' }).transform((id) => id.toLowerCase())

const selection = {
  resource: z.strictObject({ type: z.enum(['showtime', 'event']), id: uuid }),
  seats: z.array(textLine(16)).min(1).max(100).optional(),
  tickets: z
    .array(z.strictObject({ ticketTypeId: uuid, quantity: z.int().min(1).max(1_000) }))
    .min(1)
    .max(20)
    .optional(),
  promoCode: textLine(40).optional(),
  /** Minor units. The request is refused with `price_changed` unless the total is this. */
  expectedTotal: z.int().min(0).optional(),
}
const customer = z.strictObject({ name: textLine(200), email: z.email().max(254), phone: textLine(40).optional() })

/** The body of POST /v1/booking-requests. `seats` belong to a showtime, `tickets` to an event. */
export const bookingRequestBody = z.strictObject({ ...selection, customer }).superRefine(refuseForeignSelection)

/** The body of POST /v1/quotes: the same, but a quote need not say for whom it is. */
export const quoteBody = z
  .strictObject({ ...selection, customer: customer.optional() })
  .superRefine(refuseForeignSelection)

function refuseForeignSelection(
  { resource, seats, tickets }: z.output<z.ZodObject<typeof selection>>,
  context: z.RefinementCtx,
): void {
  const refuse = (field: string, message: string) => {
    context.addIssue({ code: 'custom', path: [field], message })
  }
  if (resource.type === 'showtime') {
    if (seats === undefined) refuse('seats', 'Required for a showtime')
    if (tickets !== undefined) refuse('tickets', 'Not for a showtime')
  } else {
    if (tickets === undefined) refuse('tickets', 'Required for an event')
    if (seats !== undefined) refuse('seats', 'Not for an event')
  }
}

/** What the line keeps of the body: everything but the resource, absent fields left out. */
export function requestPayload(body: z.output<typeof bookingRequestBody>): RequestPayload {
  const { seats, tickets, promoCode, expectedTotal } = body
  const { name, email, phone } = body.customer
  return {
    ...(seats !== undefined && { seats }),
    ...(tickets !== undefined && { tickets }),
    ...(promoCode !== undefined && { promoCode }),
    ...(expectedTotal !== undefined && { expectedTotal }),
    customer: { name, email, ...(phone !== undefined && { phone }) },
  }
}
