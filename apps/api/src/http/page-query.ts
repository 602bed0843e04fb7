import { z } from 'zod'
import { decodeCursor } from '@boxoffice/core/db/queries/cursor.ts'

/** `limit` and `cursor` of every list. */
export const page = {
  limit: z
    .string()
    .regex(/^(?:[1-9]\d?|100)$/, { error: 'Must be a whole number from 1 to 100' })
    .transform(Number)
    .default(20),
  cursor: z
    .string()
    .transform((text, context) => {
      const cursor = decodeCursor(text)
      if (cursor !== null) return cursor
      context.addIssue({ code: 'custom', message: 'Must be the nextCursor of another page' })
      return z.NEVER
    })
    .optional(),
}

export const uuidQuery = z.guid({ error: 'Must be a UUID' }).transform((id) => id.toLowerCase())

export const instantQuery = z.iso
  .datetime({ offset: true, error: 'Must be a time such as 2026-11-22T18:00:00Z' })
  .transform((text) => new Date(text))
