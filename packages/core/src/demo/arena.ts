import type { LayoutDescription, LayoutRow } from '../catalogue/prepare-layout.ts'

/** One level of stands around the floor: sections beside each other on arcs, open towards the stage. */
interface Level {
  /** Number of its first section; the others follow. */
  readonly first: number
  readonly sections: number
  readonly rows: number
  /** Distance of the first row from the middle of the floor, in seat widths. */
  readonly radius: number
  readonly category: string
}

const LOWER: Level = { first: 101, sections: 16, rows: 15, radius: 78, category: 'Lower level' }
const UPPER: Level = { first: 201, sections: 18, rows: 20, radius: 104, category: 'Upper level' }

const SEATS_PER_ROW = 20
const ROW_PITCH = 1.3
/** Angle that the stands take, half of it to either side of the seats opposite the stage. */
const SPAN = Math.PI * (260 / 180)
const CENTRE = { x: 132, y: 92 }
/** Sections opposite the stage, and their rows, that cost more. */
const PREMIUM_SECTIONS = new Set(['107', '108', '109', '110'])
const PREMIUM_ROWS = 8

const round = (value: number) => Math.round(value * 100) / 100

/** 12,000 seats in numbered sections on two levels, and a floor to stand on. */
export const ARENA: LayoutDescription = {
  categories: ['Floor', 'Premium', 'Lower level', 'Upper level'],
  rows: [...rowsOf(LOWER), ...rowsOf(UPPER)],
  areas: [
    {
      label: 'Floor',
      category: 'Floor',
      capacity: 3_000,
      shape: [
        [CENTRE.x - 36, CENTRE.y - 40],
        [CENTRE.x + 36, CENTRE.y - 40],
        [CENTRE.x + 36, CENTRE.y + 40],
        [CENTRE.x + 20, CENTRE.y + 62],
        [CENTRE.x - 20, CENTRE.y + 62],
        [CENTRE.x - 36, CENTRE.y + 40],
      ],
    },
  ],
  // The middle of the stage.
  focus: { x: CENTRE.x, y: CENTRE.y - 56 },
}

function rowsOf(level: Level): LayoutRow[] {
  return Array.from({ length: level.sections }, (_, section) =>
    Array.from({ length: level.rows }, (__, row) => rowOf(level, section, row)),
  ).flat()
}

function rowOf({ first, sections, rows, radius, category }: Level, index: number, row: number): LayoutRow {
  const section = String(first + index)
  const isPremium = PREMIUM_SECTIONS.has(section) && row < PREMIUM_ROWS
  const distance = radius + row * ROW_PITCH
  // From the left of the stage, past the seats opposite it, to the right.
  const middle = ((index + 0.5) / sections - 0.5) * SPAN
  return {
    section,
    label: String(row + 1),
    seats: Array.from({ length: SEATS_PER_ROW }, (_, seat) => {
      const angle = middle + (seat - (SEATS_PER_ROW - 1) / 2) / distance
      return {
        number: seat + 1,
        x: round(CENTRE.x + Math.sin(angle) * distance),
        y: round(CENTRE.y + Math.cos(angle) * distance),
        category: isPremium ? 'Premium' : category,
        // The last row of each section is on the level of the entrance.
        accessible: row === rows - 1 && (seat === 0 || seat === SEATS_PER_ROW - 1),
      }
    }),
  }
}
