import { z } from 'zod'
import { amount, id, instant } from '@boxoffice/core/fields/values.ts'

const version = z.int().meta({ description: 'Rises with every change' })

export const showtimeAvailability = z
  .strictObject({
    version,
    taken: z.array(z.string()).meta({ description: 'Labels of seats that are held or sold', example: ['E5', 'E6'] }),
    categories: z.array(
      z.strictObject({ id, name: z.string(), price: amount.nullable(), total: z.int(), available: z.int() }),
    ),
  })
  .meta({ id: 'ShowtimeAvailability' })

export const eventAvailability = z
  .strictObject({
    version,
    ticketTypes: z.array(
      z.strictObject({
        id,
        name: z.string(),
        price: amount,
        capacity: z.int(),
        sold: z.int().meta({ description: 'Sold or held' }),
        available: z.int(),
        onSale: z.boolean().meta({ description: 'Whether its sale window is open, whether or not any are left' }),
        saleStartsAt: instant.nullable(),
        saleEndsAt: instant.nullable(),
      }),
    ),
  })
  .meta({ id: 'EventAvailability' })
