/** A capacity that several ticket types of an event share: day 1, day 2 and both days. */
export interface Quota {
  readonly name: string
  /** Places of all its ticket types together, held and sold. */
  readonly capacity: number
  readonly ticketTypeIds: readonly string[]
}
