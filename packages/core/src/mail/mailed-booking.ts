import type { BookingStatus } from '../domain/booking-status.ts'
import type { CancelReason } from '../domain/cancellation.ts'
import type { Minor } from '../domain/money/money.ts'

/** Booking, as a mail to its buyer describes it. Texts may be of any length and in any script; none is trusted. */
export interface MailedBooking {
  readonly reference: string
  readonly status: BookingStatus
  /** End of the hold of a pending booking; `null` for any other. */
  readonly heldUntil: Date | null
  readonly buyer: string
  readonly organizer: string
  /** The organizer's e-mail address, one address on its own, for questions and replies. */
  readonly contact: string | null
  /** Title of the movie or event. */
  readonly title: string
  readonly venue: string
  /** May be empty. */
  readonly address: string
  readonly auditorium: string | null
  readonly startsAt: Date
  /** Told too where it is more than a day later. */
  readonly endsAt: Date
  /** IANA name of the venue's time zone, in which the times are told. */
  readonly timeZone: string
  /** ISO 4217 code of the amounts. */
  readonly currency: string
  readonly items: readonly MailedItem[]
  /** Promo code that the discount comes from. */
  readonly promoCode: string | null
  readonly discount: Minor
  readonly fee: Minor
  readonly total: Minor
}

/** Cancellation, as a mail describes it. */
export interface MailedCancellation {
  readonly reason: CancelReason | null
  /** Reason of the organizer, as typed, if the showtime or event does not take place at all. */
  readonly calledOff: string | null
  /** Amount taken for this booking that stands, in its currency. */
  readonly paid: Minor
  /** Booking fee, a part of `paid`. */
  readonly fee: Minor
  /** Amount refunded before, a part of `paid`. */
  readonly returnedBefore: Minor
  /** Amount refunded with the cancellation or after it. */
  readonly returned: Minor
  /** Its refund did not go through, and somebody has to look into it. */
  readonly refundFailed: boolean
  /** The money changed hands outside of Boxoffice, and so it goes back. */
  readonly byHand: boolean
}

/** A seat by its label, and as its house names it: what the layout no longer has is `null`. */
export interface MailedSeat {
  readonly seat: string
  readonly section: string | null
  readonly row: string | null
  readonly number: string | null
}

/** Seats of one category and rate at one price, places of one area likewise, or tickets of one type. */
export interface MailedItem {
  /** Name of the category, or of the ticket type. */
  readonly name: string
  /** Empty for areas and tickets. */
  readonly seats: readonly MailedSeat[]
  /** Label of an area. */
  readonly area: string | null
  /** Name of the rate. */
  readonly rate: string | null
  readonly quantity: number
  /** Price before the discount. */
  readonly unitPrice: Minor
}

/** Links in a mail. */
export interface MailLinks {
  /** The page on which a buyer asks for a link to the booking. */
  readonly recoveryPage: string
}

/** A mail's words. The subject is one line. */
export interface MailContent {
  readonly subject: string
  readonly text: string
  readonly html: string
}
