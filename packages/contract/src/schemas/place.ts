import { z } from 'zod'

/** Names of a seat, or of an area of which a place is counted, as they are in the house. */
export const placeFields = {
  seat: z.string().nullable().meta({ description: 'Label of the seat' }),
  section: z.string().nullable().meta({ description: 'Part of the house that the seat is in' }),
  row: z.string().nullable().meta({ description: 'Row of the seat' }),
  number: z.string().nullable().meta({ description: 'Name of the seat in its row, which may be text' }),
  area: z.string().nullable().meta({ description: 'Label of the area, for a place without a seat' }),
  rate: z.string().nullable().meta({ description: 'Code of the rate' }),
  rateName: z.string().nullable().meta({ description: 'Name of the rate' }),
}

/** Example of a seat, beside `placeFields`. */
export const placeExample = {
  seat: 'E5',
  section: null,
  row: 'E',
  number: '5',
  area: null,
  rate: null,
  rateName: null,
}
