/** Returns the label of a row: `A`, `B`, … `Z`, `BA`, … */
function labelOf(row: number): string {
  const letter = String.fromCharCode(65 + (row % 26))
  return row < 26 ? letter : `${labelOf(Math.floor(row / 26))}${letter}`
}

const ROW = 200

/** Returns the seating of a house of this many seats, in rows of 200. */
export function layoutOfSize(seats: number, category = 'A') {
  const rows = Array.from({ length: Math.ceil(seats / ROW) }, (_, row) => ({
    label: labelOf(row),
    seats: Array.from({ length: Math.min(ROW, seats - row * ROW) }, (__, index) => ({
      number: index + 1,
      x: index,
      y: row,
      category,
    })),
  }))
  return { categories: [category], rows }
}
