import { z } from 'zod'
import { cleanCode } from '@boxoffice/core/domain/plain-text.ts'
import { idInput, textLine, typedLine } from '@boxoffice/core/fields/values.ts'

export const reference = z
  .string()
  .regex(/^[A-HJKMNP-Z2-9]{8}$/)
  .meta({ example: 'K7QXM2PA' })

/** Reason of an action; the audit keeps it. */
export const reasonText = textLine(500).meta({ example: 'The projector broke' })

/** Reason that a buyer may have typed. */
export const typedReason = typedLine(500).meta({ example: 'I fell ill' })

const ROWS = /^(?:[1-9]\d?|100)$/

/** `limit` and `cursor` of every list. */
export const page = {
  limit: z
    .string()
    .regex(ROWS, { error: 'Must be a whole number from 1 to 100' })
    .transform(Number)
    .default(20)
    .meta({ override: { type: 'integer', minimum: 1, maximum: 100, default: 20 } }),
  /** `nextCursor` of the page before. */
  cursor: z.string().min(1).max(300).optional(),
}

/** Returns the schema of a list's answer. */
export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.strictObject({
    items: z.array(item),
    nextCursor: z.string().nullable().meta({ description: 'Cursor of the next page; null on the last page' }),
  })

/** Parameters of paths. What is of the wrong form does not exist: 404. */
export const byId = z.strictObject({ id: idInput })

const NO_REFERENCE = 'Must be a reference such as K7QXM2PA'

export const byReference = z.strictObject({
  reference: z
    .string()
    // With the blanks and marks of whoever typed it.
    .refine((text) => text.length <= 64, { error: NO_REFERENCE, abort: true })
    .transform((text) => cleanCode(text).toUpperCase())
    .pipe(z.string().regex(/^[A-HJKMNP-Z2-9]{8}$/, { error: NO_REFERENCE }))
    .meta({ override: { type: 'string', pattern: '^[A-HJKMNP-Z2-9]{8}$' }, example: 'K7QXM2PA' }),
})
