import type { MailedSeat } from './mailed-booking.ts'

/** Neighbours by their numbers from this many on are told as a run. */
const SHORTEST_RUN = 3

/**
 * Returns seats as people say them: three or more in a row as `H5–H7`, or `Balcony row 1 seats 5–7` where row and seat do not
 * say by themselves which is which. Rows are in the order in which they come first.
 */
export function seatRuns(seats: readonly MailedSeat[]): string[] {
  const rows = Map.groupBy(seats, ({ section, row, seat }) => JSON.stringify(row === null ? [seat] : [section, row]))
  return [...rows.values()].flatMap((ofRow) => {
    const [first] = ofRow
    if (first === undefined) return []
    const runs = runsOf(ofRow.toSorted((a, b) => orderOf(a) - orderOf(b)))
    if (ofRow.every(isShort)) return runs.flatMap((run) => namesOf(run, shortName))
    const where = `${first.section === null ? '' : `${first.section} `}row ${first.row ?? ''}`
    const names = runs.flatMap((run) => namesOf(run, ({ number, seat }) => number ?? seat))
    return [`${where} ${ofRow.length === 1 ? 'seat' : 'seats'} ${names.join(', ')}`]
  })
}

/** Returns whether row and number, one after the other, can be told apart; or there is nothing but the label. */
const isShort = ({ section, row, number }: MailedSeat) =>
  row === null || number === null || (section === null && /\p{L}$/u.test(row) && /^\d/.test(number))

const shortName = ({ row, number, seat }: MailedSeat) => (row === null || number === null ? seat : `${row}${number}`)

function namesOf(run: readonly MailedSeat[], nameOf: (seat: MailedSeat) => string): string[] {
  const names = run.map(nameOf)
  return names.length < SHORTEST_RUN ? names : [`${names.at(0) ?? ''}–${names.at(-1) ?? ''}`]
}

/** Returns the number that a seat's name is; NaN if it is none. */
const numberOf = ({ number }: MailedSeat) => (number !== null && /^\d{1,9}$/.test(number) ? Number(number) : NaN)

/** Returns the place of a seat in its row: those without a number come last, as they came. */
const orderOf = (seat: MailedSeat) => {
  const number = numberOf(seat)
  return Number.isNaN(number) ? Number.MAX_SAFE_INTEGER : number
}

function runsOf(seats: readonly MailedSeat[]): MailedSeat[][] {
  const runs: MailedSeat[][] = []
  for (const seat of seats) {
    const run = runs.at(-1)
    const last = run?.at(-1)
    if (run !== undefined && last !== undefined && numberOf(last) === numberOf(seat) - 1) run.push(seat)
    else runs.push([seat])
  }
  return runs
}
