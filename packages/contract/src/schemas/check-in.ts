import { z } from 'zod'
import { CHECK_IN_RESULTS } from '@boxoffice/core/domain/check-in.ts'
import { id, idInput, instant, storedInstantInput, textLine, typedCode } from '@boxoffice/core/fields/values.ts'
import { reference } from '../fields.ts'
import { placeFields } from './place.ts'

/** Clocks of gates differ; further ahead than this, one is wrong. */
const MAX_CLOCK_LEAD_MS = 300_000

const scanFields = {
  token: typedCode(1_000).meta({
    description: 'Content of the QR code; blanks and line ends that a scanner adds do not count',
    example: 'eyJhbGciOiJFZERTQSJ9.eyJ0Ij…',
  }),
  nonce: textLine(100).meta({ description: 'A new one for each scan', example: 'scan-1' }),
  gate: textLine(100).meta({ example: 'North' }),
  device: textLine(100).optional().meta({
    description:
      'Identifies the scanner. Give each its own: without it, a repeated nonce counts as a retry for seconds only',
  }),
  resourceId: idInput.optional().meta({ description: 'Showtime or event behind the gate' }),
}

export const scan = z.strictObject(scanFields)

export const offlineScan = z.strictObject({
  ...scanFields,
  scannedAt: storedInstantInput.refine((at) => at.getTime() <= Date.now() + MAX_CLOCK_LEAD_MS, {
    error: 'Must not be in the future',
  }),
})

export const scanResult = z
  .strictObject({
    result: z.enum(CHECK_IN_RESULTS),
    detail: z.string().meta({ description: 'A sentence for the person at the gate' }),
    ticket: z
      .strictObject({
        id,
        status: z.enum(['issued', 'checked_in', 'void']),
        reference,
        resourceId: id,
        ...placeFields,
        ticketTypeId: id.nullable(),
        name: z.string(),
      })
      .nullable(),
    firstScan: z.strictObject({ at: instant, gate: z.string() }).nullable(),
    conflict: z.boolean().meta({ description: 'An offline gate admitted somebody wrongly' }),
  })
  .meta({ id: 'ScanResult' })
