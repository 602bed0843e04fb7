import { z } from 'zod'
import { layoutProblems, type SketchedRow } from '@boxoffice/core/domain/layout.ts'
import { id, instant, textLine } from '@boxoffice/core/fields/values.ts'
import { plainSentence } from '../plain-sentence.ts'

const seat = z.strictObject({
  number: z.int().meta({ description: 'Follows the label of the row: `A` and 5 make `A5`' }),
  x: z.number().meta({ description: 'To the right, in any unit; no two seats have the same x and y' }),
  y: z.number().meta({ description: 'Away from the screen or stage' }),
  category: z.string().meta({ description: 'One of `categories`' }),
  disabled: z.boolean().optional().meta({ description: 'Never sold' }),
  accessible: z.boolean().optional().meta({ description: 'Accessible without a step, or a space for a wheelchair' }),
})

/** A seat with a field too many can still be held against the rules. */
const readableSeat = z.object(seat.shape)

const row = z.strictObject({
  label: z.string().meta({ description: '1 to 8 capitals, digits and hyphens, the last one no digit' }),
  seats: z.array(seat).meta({ description: 'At least one' }),
})

/** The seating of an auditorium: what an import takes is what an export answers. */
export const layout = z
  .strictObject({
    categories: z.array(textLine(200)).meta({ description: 'Names, in the order to show them' }),
    rows: z.array(row).meta({ description: 'From the screen or stage to the back' }),
  })
  .meta({ id: 'Layout' })

/** A file with a thousand mistakes is answered with the first few. */
const MAX_PROBLEMS = 20

/** One place may have two mistakes of form, and is reported once. */
const MAX_FORM_ISSUES = 3 * MAX_PROBLEMS

type Layout = z.output<typeof layout>
type Issue = z.core.$ZodIssue
type Path = readonly PropertyKey[]

const frame = layout.extend({ rows: z.array(z.unknown()) })
const rowFrame = row.extend({ seats: z.array(z.unknown()) })

/**
 * Says of each mistake which row and which seat it is about: nobody counts to the 400th seat of a file. Where the form is
 * wrong somewhere, the rules are held against the rest all the same, so that nobody mends a file only to hear of more.
 */
export const layoutBody = z
  .unknown()
  .transform((value, context): Layout => {
    const { data, issues } = readForm(value)
    if (data !== null) return data
    const pointers = new Set<string>()
    for (const issue of issues) {
      if (issue.code !== 'unrecognized_keys') pointers.add(`/${issue.path.join('/')}`)
      const place = placeOf(value, issue.path)
      const mistakes =
        issue.code === 'unrecognized_keys'
          ? issue.keys
              .slice(0, MAX_PROBLEMS)
              .map((key) => ({ path: [...issue.path, key], message: `${place}Unknown field` }))
          : [{ path: issue.path, message: `${place}${issue.message}` }]
      for (const mistake of mistakes) context.issues.push({ code: 'custom', input: value, ...mistake })
    }
    let room = MAX_PROBLEMS
    for (const { pointer, detail } of layoutProblems(...sketchOf(value))) {
      if (pointers.has(pointer)) continue
      if ((room -= 1) < 0) break
      const path = pointer.slice(1).split('/')
      context.issues.push({ code: 'custom', input: value, path, message: detail.slice(0, -1) })
    }
    return z.NEVER
  })
  .meta({ override: { $ref: '#/components/schemas/Layout' } })

/**
 * Holds a value against the form of a layout, seat by seat, and stops after the first mistakes: a file of nothing but
 * mistakes would become some GB of them. What there is too much of comes after what is wrong inside.
 */
function readForm(value: unknown): { readonly data: Layout | null; readonly issues: readonly Issue[] } {
  const head = readPart(frame, value, [])
  const issues = [...head.issues]
  const rows: Layout['rows'] = []
  for (const [rowIndex, rowValue] of listAt(value, 'rows').entries()) {
    const path = ['rows', rowIndex]
    const rowHead = readPart(rowFrame, rowValue, path)
    issues.push(...rowHead.issues)
    const seats: Layout['rows'][number]['seats'] = []
    for (const [index, seatValue] of listAt(rowValue, 'seats').entries()) {
      const part = readPart(seat, seatValue, [...path, 'seats', index])
      if (part.data !== undefined) seats.push(part.data)
      issues.push(...part.issues, ...part.surplus)
      if (issues.length >= MAX_FORM_ISSUES) return { data: null, issues }
    }
    issues.push(...rowHead.surplus)
    if (issues.length >= MAX_FORM_ISSUES) return { data: null, issues }
    if (rowHead.data !== undefined) rows.push({ label: rowHead.data.label, seats })
  }
  issues.push(...head.surplus)
  if (head.data === undefined || issues.length > 0) return { data: null, issues }
  return { data: { categories: head.data.categories, rows }, issues }
}

function readPart<T>(schema: z.ZodType<T>, value: unknown, path: Path) {
  const { data, error } = schema.safeParse(value, { error: plainSentence })
  const issues: Issue[] = []
  const surplus: Issue[] = []
  for (const issue of error?.issues ?? []) {
    const list = issue.code === 'unrecognized_keys' ? surplus : issues
    list.push({ ...issue, path: [...path, ...issue.path] })
  }
  return { data, issues, surplus }
}

function listAt(value: unknown, key: string): readonly unknown[] {
  const list = at(value, key)
  return Array.isArray(list) ? list : []
}

/** Returns as much of the categories and rows as can be read. */
function sketchOf(value: unknown): Parameters<typeof layoutProblems> {
  const categories = at(value, 'categories')
  const rows = at(value, 'rows')
  return [
    Array.isArray(categories) ? categories.map((name) => (typeof name === 'string' ? name : null)) : null,
    Array.isArray(rows) ? rows.map(sketchOfRow) : null,
  ]
}

function sketchOfRow(value: unknown): SketchedRow | null {
  if (typeof value !== 'object' || value === null) return null
  const label = at(value, 'label')
  const seats = at(value, 'seats')
  return {
    label: typeof label === 'string' ? label : null,
    seats: Array.isArray(seats) ? seats.map((one) => readableSeat.safeParse(one).data ?? null) : null,
  }
}

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
      z.strictObject({
        id,
        name: z.string(),
        seats: z.int().meta({ description: 'Number of seats, including disabled ones' }),
      }),
    ),
    rows: z.int(),
    seats: z.int(),
    createdAt: instant,
  })
  .meta({ id: 'LayoutVersion' })
