/** A rectangular hall. Its seats are numbered from 0, row by row, so that a counter can hand them out. */
export interface Hall {
  readonly rows: number
  readonly seatsPerRow: number
}

/** A ticket type of an event that is on sale. */
export interface TicketSale {
  readonly eventId: string
  readonly ticketTypeId: string
}

/** A showtime that is on sale. */
export interface SeatSale {
  readonly showtimeId: string
  readonly hall: Hall
}

export const seatCount = ({ rows, seatsPerRow }: Hall): number => rows * seatsPerRow

/** Returns the label of the seat with this index: `A1`, `A2`, … */
export function seatLabel({ seatsPerRow }: Hall, index: number): string {
  return rowLabel(Math.floor(index / seatsPerRow)) + String((index % seatsPerRow) + 1)
}

/** Returns the label of a row: `A` to `Z`, then `AA`, `AB`, … */
export function rowLabel(index: number): string {
  const last = String.fromCharCode(65 + (index % 26))
  return index < 26 ? last : rowLabel(Math.floor(index / 26) - 1) + last
}
