interface Seat {
  readonly row: string
  readonly number: number
}

/** Neighbours by their numbers from this many on are told as a run. */
const SHORTEST_RUN = 3

/**
 * Seats as people say them: three or more in a row as `H5–H7`, rows in the order in which they come first.
 *
 * @param labels each a row's label, which does not end with a digit, and the seat's number.
 */
export function seatRuns(labels: readonly string[]): string[] {
  const rows = Map.groupBy(labels.map(seatOf), ({ row }) => row)
  return [...rows.values()].flatMap((seats) =>
    runsOf(seats.toSorted((a, b) => a.number - b.number)).flatMap((run) => {
      const names = run.map(({ row, number }) => (Number.isNaN(number) ? row : `${row}${number}`))
      return names.length < SHORTEST_RUN ? names : [`${names.at(0) ?? ''}–${names.at(-1) ?? ''}`]
    }),
  )
}

function seatOf(label: string): Seat {
  const [, row = label, digits] = /^(.*?)(0|[1-9]\d*)$/su.exec(label) ?? []
  return { row, number: digits === undefined ? NaN : Number(digits) }
}

function runsOf(seats: readonly Seat[]): Seat[][] {
  const runs: Seat[][] = []
  for (const seat of seats) {
    const run = runs.at(-1)
    if (run !== undefined && run.at(-1)?.number === seat.number - 1) run.push(seat)
    else runs.push([seat])
  }
  return runs
}
