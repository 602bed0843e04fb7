import type { TicketSale } from '../../../catalogue/hall.ts'

/**
 * The calls of a hostile caller in one arrival: plain data. Those without an account have up to `sessions` guest sessions at
 * each address, which take turns.
 */
export type HostileAct =
  /** A seller's booking request of many tickets of every one of these types. */
  | {
      readonly name: 'stuff-batches'
      /** An organizer's. */
      readonly token: string
      readonly eventId: string
      readonly ticketTypeIds: readonly string[]
      /** The number of tickets of each type. */
      readonly quantity: number
    }
  /** A free booking that is cancelled as soon as it is there: a mail for each, and places that are held by nobody. */
  | { readonly name: 'book-and-cancel'; readonly sale: TicketSale; readonly sessions: number }
  /** Requests that can only be refused: a seat that is sold and one that does not exist, in turn. */
  | {
      readonly name: 'be-refused'
      readonly showtimeId: string
      readonly seats: readonly string[]
      readonly sessions: number
    }
  /** A connection that asks for more than fits into any buffer and reads nothing of it. */
  | {
      readonly name: 'never-read'
      readonly paths: readonly string[]
      /** Times that each connection asks for its path, without waiting for an answer. */
      readonly calls: number
      /** The time at which it gives up; milliseconds from the run's start. */
      readonly untilMs: number
    }
  /** A quote with a promo code out of a word list. */
  | { readonly name: 'guess-codes'; readonly sale: TicketSale; readonly sessions: number }
  /** An organizer's lists, by filters that hardly anything or nothing matches. */
  | { readonly name: 'read-reports'; readonly token: string; readonly paths: readonly string[] }
