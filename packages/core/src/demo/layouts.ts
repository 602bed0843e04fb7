import type { LayoutRow, LayoutSeat } from '../catalogue/prepare-layout.ts'

export interface DemoLayout {
  readonly categories: readonly string[]
  readonly rows: readonly LayoutRow[]
}

/** Coordinates are in seat widths, from the top left as one looks at the screen, rounded so that they print short. */
const round = (value: number) => Math.round(value * 100) / 100

/** Left and right of the middle block. */
const AISLE = 1.2
const ROW_PITCH = 1.3
/** The passage across the house, between rows G and H. */
const CROSS_AISLE = 1.1
/** Rows are arcs around the screen: their ends come forward with the square of the distance from the centre. */
const CURVE = 0.008
/** Seats of the middle block are the same in every row, so that both aisles run straight. */
const MIDDLE = 10
const GRAND_CENTRE = 14
/** Room in front of row A, whose ends come forward. */
const GRAND_FRONT = 1

/** Row labels without I and O, which are mistaken for digits, and each row's number of seats. */
const GRAND_ROWS: readonly (readonly [label: string, seats: number])[] = [
  ['A', 16],
  ['B', 16],
  ['C', 18],
  ['D', 18],
  ['E', 20],
  ['F', 20],
  ['G', 20],
  ['H', 22],
  ['J', 22],
  ['K', 22],
  ['L', 22],
  ['M', 24],
  ['N', 24],
  ['P', 24],
  ['Q', 24],
]
const GRAND_FRONT_ROWS = 'ABCD'
const GRAND_PREMIUM_ROWS = 'JKLM'
/** Spaces for wheelchairs at both ends of row H, reached from the cross aisle without a step. */
const GRAND_ACCESSIBLE = new Set(['H1', 'H2', 'H21', 'H22'])
/** Disabled seats: in front of the projector's window; D7 and N19 are broken. */
const GRAND_DISABLED = new Set(['Q11', 'Q12', 'Q13', 'Q14', 'D7', 'N19'])

/** 312 seats in curved rows with two aisles and one across. */
export const GRAND: DemoLayout = {
  categories: ['Front', 'Standard', 'Premium'],
  rows: GRAND_ROWS.map(([label, count], rowIndex) => ({
    label,
    seats: Array.from({ length: count }, (_, index) => grandSeat(label, rowIndex, count, index)),
  })),
}

function grandSeat(label: string, rowIndex: number, count: number, index: number): LayoutSeat {
  const side = (count - MIDDLE) / 2
  const aisle = index < side ? -AISLE : index < side + MIDDLE ? 0 : AISLE
  const fromCentre = index - (count - 1) / 2 + aisle
  const seat = `${label}${index + 1}`
  return {
    number: index + 1,
    x: round(GRAND_CENTRE + fromCentre),
    y: round(GRAND_FRONT + rowIndex * ROW_PITCH + (rowIndex > 6 ? CROSS_AISLE : 0) - CURVE * fromCentre ** 2),
    category: grandCategory(label, side, index),
    disabled: GRAND_DISABLED.has(seat),
    accessible: GRAND_ACCESSIBLE.has(seat),
  }
}

/** Returns the category of a seat. Premium is the middle block of the best rows and two seats on either side of it. */
function grandCategory(label: string, side: number, index: number): string {
  if (GRAND_FRONT_ROWS.includes(label)) return 'Front'
  const central = index >= side - 2 && index < side + MIDDLE + 2
  return GRAND_PREMIUM_ROWS.includes(label) && central ? 'Premium' : 'Standard'
}

const STUDIO_ROWS: readonly (readonly [label: string, seats: number, category: string])[] = [
  ['A', 8, 'Standard'],
  ['B', 9, 'Standard'],
  ['C', 8, 'Standard'],
  ['D', 9, 'Standard'],
  ['E', 10, 'Premium'],
  ['F', 9, 'Premium'],
  ['G', 10, 'Premium'],
]
const STUDIO_ROW_PITCH = 1.4
const STUDIO_CENTRE = 5.5
/** Spaces for wheelchairs beside the door, on the level of the entrance. */
const STUDIO_ACCESSIBLE = new Set(['A1', 'A2'])
/** Kept free for the emergency exit. */
const STUDIO_DISABLED = new Set(['A8'])
const SOFAS = 4
const SOFA_PITCH = 2.8

/** 71 seats: straight rows, every other one shifted by half a seat, and four sofas for two along the back wall. */
export const STUDIO: DemoLayout = {
  categories: ['Standard', 'Premium', 'Sofa'],
  rows: [
    ...STUDIO_ROWS.map(([label, count, category], rowIndex) => ({
      label,
      seats: Array.from({ length: count }, (_, index) => ({
        number: index + 1,
        x: round(STUDIO_CENTRE + index - (count - 1) / 2),
        y: round(1 + rowIndex * STUDIO_ROW_PITCH),
        category,
        disabled: STUDIO_DISABLED.has(`${label}${index + 1}`),
        accessible: STUDIO_ACCESSIBLE.has(`${label}${index + 1}`),
      })),
    })),
    {
      label: 'H',
      seats: Array.from({ length: SOFAS * 2 }, (_, index) => {
        const sofa = STUDIO_CENTRE + (Math.floor(index / 2) - (SOFAS - 1) / 2) * SOFA_PITCH
        return {
          number: index + 1,
          x: round(sofa + (index % 2 === 0 ? -0.5 : 0.5)),
          y: round(1.4 + STUDIO_ROWS.length * STUDIO_ROW_PITCH),
          category: 'Sofa',
        }
      }),
    },
  ],
}
