import { z } from 'zod'
import { emailInput } from '@boxoffice/core/fields/email.ts'
import { idInput, textLine } from '@boxoffice/core/fields/values.ts'

/** What a client wants to have: `seats` belong to a showtime, `tickets` to an event. */
const selection = {
  resource: z.strictObject({ type: z.enum(['showtime', 'event']), id: idInput }),
  seats: z
    .array(textLine(16).meta({ example: 'E5' }))
    .min(1)
    .max(100)
    .optional()
    .meta({ description: 'For a showtime: labels as in the seat map' }),
  tickets: z
    .array(z.strictObject({ ticketTypeId: idInput, quantity: z.int().min(1).max(1_000) }))
    .min(1)
    .max(20)
    .optional()
    .meta({ description: 'For an event; the same type twice adds up' }),
  promoCode: textLine(40).optional(),
  expectedTotal: z
    .int()
    .min(0)
    .optional()
    .meta({ description: 'In minor units. Refused with `price_changed` when the total would be another' }),
}

const customer = z.strictObject({
  name: textLine(200),
  email: emailInput,
  phone: textLine(40).optional(),
})

export const bookingRequestBody = z.strictObject({ ...selection, customer }).superRefine(refuseForeignSelection)

/** The same, but a quote need not say for whom it is. */
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
