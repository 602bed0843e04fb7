/** Layout that the showtime `s` or the event `e` uses; one of them is `null`. */
export const LAYOUT_ID = 'coalesce(s.layout_id, e.layout_id)'

/**
 * Returns the name of a seat's row as people read it. Before rows could be numbers, a hyphen kept `12-` and 5 apart: it is part
 * of the label, and not of what is on the chair.
 */
export const rowName = (seat: string) =>
  `case when ${seat}.number is not null and ${seat}.row_label like '_%-' then left(${seat}.row_label, -1)
      else ${seat}.row_label end`

/** Returns the name of a seat as people read it. */
export const seatName = (seat: string) => `coalesce(${seat}.seat_name, ${seat}.number::text)`

/** Returns the name of the rate of this code, of the rates of a resource; `null` if there is none. */
export const rateName = (rates: string, code: string) =>
  `(select known.rate ->> 'name' from jsonb_array_elements(${rates}) as known (rate)
      where known.rate ->> 'code' = ${code} limit 1)`
