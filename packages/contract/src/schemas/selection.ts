import { z } from 'zod'
import { emailInput } from '@boxoffice/core/fields/email.ts'
import { idInput, longText, textLine } from '@boxoffice/core/fields/values.ts'

/** Most fields of a booking's metadata. */
const MAX_METADATA_FIELDS = 50

/** Bytes of a booking's metadata as JSON: a batch of the line carries those of hundreds of requests. */
const MAX_METADATA_BYTES = 4_096

/** Names that a program can use without quotes or surprises; `__proto__` is not among them. */
const metadataName = z
  .string()
  .regex(/^(?!__)[A-Za-z0-9_.:-]{1,40}$/, { error: 'Names have 1 to 40 letters, digits, _, ., : or -' })

/** A number that JSON carries unchanged: a larger integer would come back as another one. */
const metadataNumber = z.number().refine((value) => !Number.isInteger(value) || Number.isSafeInteger(value), {
  error: 'Must be at most 9007199254740991',
})

export const metadata = z
  .record(
    metadataName,
    z.union([longText(500), metadataNumber, z.boolean()], {
      error: 'Must be text, a number that JSON carries unchanged, or a boolean',
    }),
  )
  .refine((fields) => Object.keys(fields).length <= MAX_METADATA_FIELDS, {
    error: `Must have at most ${MAX_METADATA_FIELDS} fields`,
  })
  .refine((fields) => Buffer.byteLength(JSON.stringify(fields)) <= MAX_METADATA_BYTES, {
    error: `Must have at most ${MAX_METADATA_BYTES} bytes as JSON`,
  })
  .meta({
    description:
      'Facts of yours that are stored and returned with the booking: at most 50 fields and 4 KB, names of letters, digits, `_`, `.`, `:` and `-`, values that are texts of at most 500 characters, numbers or booleans',
    example: { order: 'A-1042' },
  })

/** Selection of a client: `seats` of a showtime, or `tickets` of an event. */
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
    .meta({ description: 'In minor units. If the total differs, the request is refused with `price_changed`' }),
  metadata: metadata.optional(),
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
