import { z } from 'zod'

export const wishIndex = z
  .int()
  .min(0)
  .optional()
  .meta({ description: 'The wish that is booked, counted from 0, if there were several' })
