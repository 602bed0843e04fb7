import { z } from 'zod'
import { reference } from '../fields.ts'

export const bookingRecovery = z
  .strictObject({
    detail: z.string().meta({ description: 'The same whether or not there is such a booking' }),
  })
  .meta({ id: 'BookingRecovery' })

export const recoveredSession = z
  .strictObject({
    token: z.string().meta({ description: 'A customer token for this booking and no other' }),
    expiresIn: z.int().meta({ description: 'Seconds', example: 86_400 }),
    reference,
  })
  .meta({ id: 'RecoveredSession' })
