import { z } from 'zod'

export const guestSession = z
  .strictObject({
    token: z.string().meta({ description: 'Customer token; send it as Authorization: Bearer' }),
    expiresIn: z.int().meta({ description: 'Seconds', example: 604_800 }),
  })
  .meta({ id: 'GuestSession' })
