import { z } from 'zod'
import { amount, id, instant } from '@boxoffice/core/fields/values.ts'

const version = z.int().meta({ description: 'Rises with every change' })

const onSale = z.boolean().meta({ description: 'Whether the public can book now, whether or not any places are left' })

const taken = z
  .array(z.string())
  .meta({ description: 'Labels of seats that are held, sold or kept', example: ['E5', 'E6'] })

const categories = z.array(
  z.strictObject({
    id,
    name: z.string(),
    price: amount.nullable(),
    total: z.int().meta({ description: 'Seats and places of areas that can be sold' }),
    available: z.int(),
  }),
)

const areas = z
  .array(
    z.strictObject({
      label: z.string().meta({ example: 'Floor' }),
      categoryId: id,
      capacity: z.int(),
      available: z.int().meta({ description: 'Neither held, sold nor kept' }),
    }),
  )
  .meta({ description: 'Parts of the house without seats' })

export const showtimeAvailability = z
  .strictObject({ version, onSale, taken, categories, areas })
  .meta({ id: 'ShowtimeAvailability' })

/** The seats and areas are those of an event with a house. */
export const eventAvailability = z
  .strictObject({
    version,
    onSale: onSale.optional(),
    taken: taken.optional(),
    categories: categories.optional(),
    areas: areas.optional(),
    ticketTypes: z.array(
      z.strictObject({
        id,
        name: z.string(),
        price: amount,
        capacity: z.int(),
        sold: z.int().meta({ description: 'Sold or held' }),
        available: z.int(),
        onSale: z.boolean().meta({ description: 'Whether the public can book it now, whether or not any are left' }),
        saleStartsAt: instant.nullable(),
        saleEndsAt: instant.nullable(),
      }),
    ),
  })
  .meta({ id: 'EventAvailability' })
