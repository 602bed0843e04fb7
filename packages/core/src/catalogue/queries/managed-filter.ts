/** Which of the showtimes or events an organizer wants to see; `null` leaves a condition out. */
export interface ManagedFilter {
  readonly organizerId: string | null
  readonly status: string | null
  /** Starts at or after this. */
  readonly from: Date | null
  /** Starts before this. */
  readonly to: Date | null
}
