import { z } from 'zod'

/** Text that a person typed: no control characters, for it goes into mails and onto tickets, and no lone surrogates. */
export const textLine = (max: number) =>
  z
    .string()
    .max(max)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u, { error: 'Must not hold control characters' })
    .regex(/\S/, { error: 'Must not be blank' })

/** Why something is done; kept in the audit. */
export const reasonText = textLine(500)
