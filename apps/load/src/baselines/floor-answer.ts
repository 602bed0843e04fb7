/** Name of the variable with the answer, as JSON. */
export const FLOOR_ANSWER = 'FLOOR_ANSWER'

/** The answer that the HTTP floor gives to everybody: one that the API has given. */
export interface FloorAnswer {
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: string
}
