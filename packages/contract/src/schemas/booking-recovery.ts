import { z } from 'zod'
import { reference } from '../fields.ts'

export const bookingRecovery = z
  .strictObject({
    detail: z.string().meta({ description: 'The same whether or not the booking exists' }),
  })
  .meta({ id: 'BookingRecovery' })

export const recoveredSession = z
  .strictObject({
    token: z.string().meta({ description: 'Customer token for this booking only' }),
    expiresIn: z.int().meta({ description: 'Seconds', example: 86_400 }),
    reference,
  })
  .meta({ id: 'RecoveredSession' })
