import { z } from 'zod'
import { id, instant, textLine } from '../fields.ts'
import { plainSentence } from '../plain-sentence.ts'

const seat = z.strictObject({
  number: z.int().meta({ description: 'Follows the label of the row: `A` and 5 make `A5`' }),
  x: z.number().meta({ description: 'In any unit, to the right' }),
  y: z.number().meta({ description: 'Away from the screen or stage' }),
  category: z.string().meta({ description: 'One of `categories`' }),
  disabled: z.boolean().optional().meta({ description: 'Never sold' }),
  accessible: z.boolean().optional().meta({ description: 'Reached without a step, or a space for a wheelchair' }),
})

/** The seating of an auditorium: what an import takes is what an export answers. */
export const layout = z
  .strictObject({
    categories: z.array(textLine(200)).meta({ description: 'Names, in the order in which they are shown' }),
    rows: z
      .array(
        z.strictObject({
          label: z.string().meta({ description: '1 to 8 capitals, digits and hyphens, the last one no digit' }),
          seats: z.array(seat),
        }),
      )
      .meta({ description: 'From the screen or stage to the back' }),
  })
  .meta({ id: 'Layout' })

/** Says of each mistake which row and which seat it is about: nobody counts to the 400th seat of a file. */
export const layoutBody = z
  .unknown()
  .transform((value, context): z.output<typeof layout> => {
    const parsed = layout.safeParse(value, { error: plainSentence })
    if (parsed.success) return parsed.data
    for (const issue of parsed.error.issues) {
      const place = placeOf(value, issue.path)
      const mistakes =
        issue.code === 'unrecognized_keys'
          ? issue.keys.map((key) => ({ path: [...issue.path, key], message: `${place}Unknown field` }))
          : [{ path: issue.path, message: `${place}${issue.message}` }]
      for (const mistake of mistakes) context.issues.push({ code: 'custom', input: value, ...mistake })
    }
    return z.NEVER
  })
  .meta({ override: { $ref: '#/components/schemas/Layout' } })

function placeOf(value: unknown, [list, row, seats, index]: readonly PropertyKey[]): string {
  if (list !== 'rows' || typeof row !== 'number') return ''
  const found = at(at(value, 'rows'), row)
  const label = at(found, 'label')
  const name = `Row ${row + 1}${typeof label === 'string' ? ` (${label.slice(0, 20)})` : ''}`
  if (seats !== 'seats' || typeof index !== 'number') return `${name}: `
  const number = at(at(at(found, 'seats'), index), 'number')
  return typeof number === 'number' ? `${name}, seat ${number}: ` : `${name}, seat ${index + 1} of the row: `
}

function at(value: unknown, key: PropertyKey): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined
}

export const layoutVersion = z
  .strictObject({
    version: z.int(),
    categories: z.array(
      z.strictObject({ id, name: z.string(), seats: z.int().meta({ description: 'Disabled ones too' }) }),
    ),
    rows: z.int(),
    seats: z.int(),
    createdAt: instant,
  })
  .meta({ id: 'LayoutVersion' })
