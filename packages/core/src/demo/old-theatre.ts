import type { LayoutDescription, LayoutRow } from '../catalogue/prepare-layout.ts'

/** Numbers of seats of the stalls' rows, from the stage to the back. */
const STALLS = [14, 14, 16, 16, 18, 18, 18, 18, 16, 16] as const
const BALCONY = [18, 20, 20] as const
const CENTRE = 10
const ROW_PITCH = 1.2
/** Between the last row of the stalls and the balcony. */
const BALCONY_Y = 15
const LETTERS = 'ABCDEFGHIJKLMNOPQRST'

/** 228 seats as an old house names them: numbered rows, seats with letters, a balcony with rows of its own, and a box. */
export const OLD_THEATRE: LayoutDescription = {
  categories: ['Plateia', 'Balcão', 'Camarote'],
  rows: [
    ...STALLS.map((count, index) => rowOf(undefined, index, count, index * ROW_PITCH, 'Plateia')),
    ...BALCONY.map((count, index) => rowOf('Balcão', index, count, BALCONY_Y + index * ROW_PITCH, 'Balcão')),
    {
      section: 'Camarote',
      label: 'Presidencial',
      seats: Array.from({ length: 6 }, (_, index) => ({
        number: index + 1,
        x: -3 + (index % 2),
        y: 6 + Math.floor(index / 2),
        category: 'Camarote',
        accessible: index < 2,
      })),
    },
  ],
  focus: { x: CENTRE, y: -3 },
}

function rowOf(section: string | undefined, index: number, count: number, y: number, category: string): LayoutRow {
  return {
    section,
    label: String(index + 1),
    seats: Array.from({ length: count }, (_, seat) => ({
      number: LETTERS.charAt(seat),
      x: CENTRE + seat - (count - 1) / 2,
      y: Math.round(y * 100) / 100,
      category,
    })),
  }
}
