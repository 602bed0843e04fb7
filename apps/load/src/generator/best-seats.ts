import { type Hall, seatCount, seatLabel, type SeatSale } from '../catalogue/hall.ts'
import type { Random } from './random.ts'

/**
 * Neighbours in one row, as people choose them: the front rows more often than the back, the middle more often than the
 * sides. So two often want the same, and yet every seat is wanted by somebody. Rows shorter than `seats` are taken whole.
 */
export function bestSeats(hall: Hall, seats: number, random: Random): string[] {
  // A quarter of the rows gets half of the people.
  const row = Math.floor(hall.rows * random() ** 2)
  const places = Math.max(1, hall.seatsPerRow - seats + 1)
  // The mean of two is most often in the middle.
  const from = Math.floor(((random() + random()) / 2) * places)
  return labelsFrom(hall, row * hall.seatsPerRow + from, Math.min(seats, hall.seatsPerRow))
}

/** Hands out seats that it has not handed out before, one after the other; when there are none left, from the start. */
export function nextSeats(hall: Hall, seats: number): () => string[] {
  const groups = Math.max(1, Math.floor(seatCount(hall) / seats))
  let next = 0
  return () => labelsFrom(hall, (next++ % groups) * seats, seats)
}

/** Hands out each seat once: all of the first showtime, then all of the next. Returns `null` when none is left. */
export function seatsInTurn(
  sales: readonly SeatSale[],
  seats: number,
): () => { readonly sale: SeatSale; readonly seats: readonly string[] } | null {
  let [turn, first] = [0, 0]
  return () => {
    let sale = sales[turn]
    if (sale !== undefined && first + seats > seatCount(sale.hall)) {
      sale = sales[++turn]
      first = 0
    }
    if (sale === undefined) return null
    first += seats
    return { sale, seats: labelsFrom(sale.hall, first - seats, seats) }
  }
}

const labelsFrom = (hall: Hall, first: number, count: number): string[] =>
  Array.from({ length: count }, (_, offset) => seatLabel(hall, first + offset))
