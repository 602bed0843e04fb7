import { z } from 'zod'
import {
  type LayoutSketch,
  layoutProblems,
  MAX_CORNERS,
  MIN_CORNERS,
  type SketchedRow,
} from '@boxoffice/core/domain/layout.ts'
import { id, instant, textLine } from '@boxoffice/core/fields/values.ts'
import { plainSentence } from '../plain-sentence.ts'

const seat = z.strictObject({
  number: z
    .union([z.int(), z.string()], {
      error: ({ input }) => (input === undefined ? 'Required' : 'Must be an integer, or text such as 5A'),
    })
    .meta({ description: 'Name on the chair: an integer from 1 to 9999, or text of 1 to 20 characters, such as `5A`' }),
  label: z.string().optional().meta({
    description:
      'Name in requests; by default made of section, row and number: `A5`, `1-5A`, `Balcony/1-5A`. No two places of a layout have the same',
  }),
  x: z.number().meta({ description: 'To the right, in any unit; no two seats have the same x and y' }),
  y: z.number().meta({ description: 'Away from the screen or stage' }),
  category: z.string().meta({ description: 'One of `categories`' }),
  disabled: z.boolean().optional().meta({ description: 'Never sold' }),
  accessible: z.boolean().optional().meta({ description: 'Accessible without a step, or a space for a wheelchair' }),
})

/** A seat with a field too many can still be held against the rules. */
const readableSeat = z.object(seat.shape)

const row = z.strictObject({
  label: z.string().meta({ description: 'Name of the row: 1 to 20 characters of any script' }),
  section: z.string().optional().meta({
    description: 'Part of the house, such as a balcony: 1 to 20 characters. Rows of two may have the same label',
  }),
  seats: z.array(seat).meta({ description: 'At least one' }),
})

const corner = z.array(z.number()).length(2, { error: 'Must be two numbers, x and y' })

const area = z.strictObject({
  label: z.string().meta({ description: 'Name, also in requests: 1 to 64 characters, and no label of a seat' }),
  category: z.string().meta({ description: 'One of `categories`' }),
  capacity: z.int().meta({ description: 'Places: 1 to 1,000,000' }),
  shape: z.array(corner).optional().meta({ description: 'Polygon of 3 to 200 corners `[x, y]`' }),
})

const readableArea = z.object(area.shape)

const focus = z
  .strictObject({ x: z.number(), y: z.number() })
  .meta({ description: 'Point that the best seats are nearest to; by default the middle of the front row' })

/** The seating of an auditorium: what an import takes is what an export answers. */
export const layout = z
  .strictObject({
    categories: z.array(textLine(200)).meta({ description: 'Names, in the order to show them' }),
    rows: z
      .array(row)
      .meta({ description: 'From the screen or stage to the back; may be empty where there are areas' }),
    areas: z.array(area).optional().meta({
      description: 'Parts without seats, such as a floor to stand on, of which places are counted: at most 200',
    }),
    focus: focus.optional(),
  })
  .meta({ id: 'Layout' })

/** A file with a thousand mistakes is answered with the first few. */
const MAX_PROBLEMS = 20

/** One place may have two mistakes of form, and is reported once. */
const MAX_FORM_ISSUES = 3 * MAX_PROBLEMS

type Layout = z.output<typeof layout>
type Issue = z.core.$ZodIssue
type Path = readonly PropertyKey[]

const frame = layout.extend({ rows: z.array(z.unknown()), areas: z.array(z.unknown()).optional() })
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
    for (const { pointer, detail } of layoutProblems(sketchOf(value))) {
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
    if (rowHead.data !== undefined) rows.push({ ...rowHead.data, seats })
  }
  const areas: NonNullable<Layout['areas']> = []
  for (const [index, areaValue] of listAt(value, 'areas').entries()) {
    const path = ['areas', index]
    if (listAt(areaValue, 'shape').length > MAX_CORNERS) {
      const message = `Must have ${MIN_CORNERS} to ${MAX_CORNERS} corners`
      issues.push({ code: 'custom', path: [...path, 'shape'], message, input: undefined })
    } else {
      const part = readPart(area, areaValue, path)
      if (part.data !== undefined) areas.push(part.data)
      issues.push(...part.issues, ...part.surplus)
    }
    if (issues.length >= MAX_FORM_ISSUES) return { data: null, issues }
  }
  issues.push(...head.surplus)
  if (head.data === undefined || issues.length > 0) return { data: null, issues }
  const { areas: given, ...data } = head.data
  return { data: { ...data, rows, ...(given !== undefined && { areas }) }, issues }
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

/** Returns as much of a layout as can be read. */
function sketchOf(value: unknown): LayoutSketch {
  const categories = at(value, 'categories')
  const rows = at(value, 'rows')
  const areas = at(value, 'areas')
  return {
    categories: Array.isArray(categories) ? categories.map((name) => (typeof name === 'string' ? name : null)) : null,
    rows: Array.isArray(rows) ? rows.map(sketchOfRow) : null,
    areas:
      areas === undefined
        ? undefined
        : Array.isArray(areas)
          ? areas.slice(0, MAX_SKETCHED_AREAS).map(sketchOfArea)
          : null,
    focus: focus.safeParse(at(value, 'focus')).data ?? null,
  }
}

/** More than a layout has, so that too many are seen to be. */
const MAX_SKETCHED_AREAS = 1_000

const sketchOfArea = (value: unknown) =>
  listAt(value, 'shape').length > MAX_CORNERS ? null : (readableArea.safeParse(value).data ?? null)

function sketchOfRow(value: unknown): SketchedRow | null {
  if (typeof value !== 'object' || value === null) return null
  const label = at(value, 'label')
  const section = at(value, 'section')
  const seats = at(value, 'seats')
  return {
    label: typeof label === 'string' ? label : null,
    section: section === undefined || typeof section === 'string' ? section : null,
    seats: Array.isArray(seats) ? seats.map((one) => readableSeat.safeParse(one).data ?? null) : null,
  }
}

function placeOf(value: unknown, [list, first, seats, index]: readonly PropertyKey[]): string {
  if (typeof first !== 'number') return ''
  const found = at(at(value, String(list)), first)
  const label = at(found, 'label')
  const named = typeof label === 'string' ? ` (${label.slice(0, 20)})` : ''
  if (list === 'areas') return `Area ${first + 1}${named}: `
  if (list !== 'rows') return ''
  const name = `Row ${first + 1}${named}`
  if (seats !== 'seats' || typeof index !== 'number') return `${name}: `
  const number = at(at(at(found, 'seats'), index), 'number')
  const isNamed = typeof number === 'number' || (typeof number === 'string' && number !== '')
  return isNamed ? `${name}, seat ${String(number).slice(0, 20)}: ` : `${name}, seat ${index + 1} of the row: `
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
    areas: z.int().meta({ description: 'Number of areas' }),
    areaCapacity: z.int().meta({ description: 'Places of all areas together' }),
    createdAt: instant,
  })
  .meta({ id: 'LayoutVersion' })
