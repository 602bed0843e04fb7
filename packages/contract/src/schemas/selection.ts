import { z } from 'zod'
import { typedEmail } from '@boxoffice/core/fields/email.ts'
import { idInput, instantInput, longText, typedCode, typedLine, typedNumber } from '@boxoffice/core/fields/values.ts'

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

/** Longest label: of a section, a row and a seat, and what is between them. */
const MAX_LABEL = 64

/** Label of a seat or an area, as the seat map has it. */
const label = typedLine(MAX_LABEL)

const rate = typedLine(40).meta({ example: 'child' })

const quantity = z.int().min(1).max(1_000)

const seat = z.union([
  label.meta({ example: 'E5' }),
  z.strictObject({ seat: label.meta({ example: 'E6' }), rate: rate.optional() }),
])

/** Places that are taken together, or not at all. */
const wish = {
  seats: z
    .array(seat)
    .min(1)
    .max(100)
    .optional()
    .meta({ description: 'Labels as in the seat map, where a rate is wanted as `{"seat", "rate"}`' }),
  areas: z
    .array(z.strictObject({ area: label.meta({ example: 'Floor' }), quantity, rate: rate.optional() }))
    .min(1)
    .max(20)
    .optional()
    .meta({ description: 'Places of areas without seats' }),
  tickets: z
    .array(z.strictObject({ ticketTypeId: idInput, quantity }))
    .min(1)
    .max(20)
    .optional()
    .meta({ description: 'For an event; the same type twice adds up' }),
  best: z
    .strictObject({
      quantity: z.int().min(1).max(100),
      category: typedLine(200)
        .optional()
        .meta({ description: 'Name or id of a category; any that is sold by default' }),
      area: label.optional().meta({ description: 'Label of an area, for places of it in place of seats' }),
      rates: z
        .array(rate)
        .min(1)
        .max(100)
        .optional()
        .meta({ description: 'Rates of the places in turn; the others have the first rate' }),
      together: z.boolean().optional().meta({ description: 'Next to each other, in one row; true by default' }),
    })
    .optional()
    .meta({ description: 'The best seats that are free, in place of `seats`' }),
}

const MAX_WISHES = 5

const isSomething = (own: object) => Object.values(own).some((list) => list !== undefined)

/** Places that are asked for, in a booking request and in a quote, and on which terms. */
const selection = {
  resource: z.strictObject({ type: z.enum(['showtime', 'event']), id: idInput }),
  ...wish,
  wishes: z
    .array(z.strictObject(wish).refine(isSomething, { error: 'Must have seats, areas, tickets or best' }))
    .min(1)
    .max(MAX_WISHES)
    .optional()
    .meta({ description: 'In place of one selection: up to five, of which the first that can be met is booked' }),
  promoCode: typedCode(40).optional(),
  expectedTotal: z
    .int()
    .min(0)
    .optional()
    .meta({ description: 'In minor units. If the total differs, the request is refused with `price_changed`' }),
  blockId: idInput.optional().meta({ description: "A block of kept places to take from; for the organizer's people" }),
  metadata: metadata.optional(),
}

const customer = z.strictObject({
  name: typedLine(200),
  email: typedEmail,
  phone: typedNumber(40).optional(),
})

export const bookingRequestBody = z
  .strictObject({
    ...selection,
    holdUntil: instantInput
      .optional()
      .meta({ description: "End of the hold, at most 60 days ahead; for the organizer's people" }),
    customer,
  })
  .superRefine(refuseForeignSelection)

/** The same, but a quote need not say for whom it is. */
export const quoteBody = z
  .strictObject({ ...selection, customer: customer.optional() })
  .superRefine(refuseForeignSelection)

type Selection = z.output<z.ZodObject<typeof selection>>

const WISH_FIELDS = Object.keys(wish) as (keyof typeof wish)[]

function refuseForeignSelection({ resource, wishes, ...own }: Selection, context: z.RefinementCtx): void {
  const refuse = (path: (string | number)[], message: string) => context.addIssue({ code: 'custom', path, message })
  const isOwn = WISH_FIELDS.some((name) => own[name] !== undefined)
  if (wishes !== undefined && isOwn) refuse(['wishes'], 'In place of seats, areas, tickets and best, not beside them')
  const all = wishes === undefined ? [own] : wishes
  for (const [index, { seats, areas, tickets, best }] of all.entries()) {
    const path = wishes === undefined ? [] : ['wishes', index]
    if (resource.type === 'showtime' && tickets !== undefined) refuse([...path, 'tickets'], 'Not for a showtime')
    if (best !== undefined && (seats ?? areas) !== undefined) {
      refuse([...path, 'best'], 'In place of seats and areas, not beside them')
    }
    if (best?.area !== undefined && best.category !== undefined) {
      refuse([...path, 'best', 'category'], 'In place of an area, not beside it: an area has one category')
    }
    if (best !== undefined && best.area === undefined && own.blockId !== undefined) {
      refuse(['blockId'], 'Not with the best seats, which are chosen of those on public sale: name the seats')
    }
    if (best?.rates !== undefined && best.rates.length > best.quantity) {
      refuse([...path, 'best', 'rates'], `Must have at most ${best.quantity} items, one for each place`)
    }
  }
  if (wishes === undefined && !isOwn) {
    const list = resource.type === 'showtime' ? 'seats' : 'tickets'
    refuse([list], resource.type === 'showtime' ? 'Required for a showtime' : 'Required for an event')
  }
}
