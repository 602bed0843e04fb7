/**
 * Places that a request would take, all of them or none. A request has one wish or several, of which the first that can be
 * met is booked. Lists that are not asked for are empty.
 */
export interface Wish {
  readonly seats: readonly WantedSeat[]
  readonly areas: readonly WantedPlaces[]
  readonly tickets: readonly TicketQuantity[]
  /** Seats that the house chooses; `null` where the request names its own. */
  readonly best: BestWish | null
}

/** A seat by its label. `rate` is the code of a rate; `null` is the first one. */
export interface WantedSeat {
  readonly label: string
  readonly rate: string | null
}

/** Tickets of one type. */
export interface TicketQuantity {
  readonly ticketTypeId: string
  readonly quantity: number
}

/** Places of an area, at one rate. */
export interface WantedPlaces {
  readonly area: string
  readonly quantity: number
  readonly rate: string | null
}

/** The best seats that are free. */
export interface BestWish {
  readonly quantity: number
  /** Name of a category, or its id; `null` is any that is sold. */
  readonly category: string | null
  /** Label of an area whose places are wanted in place of seats. */
  readonly area: string | null
  /** Rates of the places, in their order; those beyond the list have the first rate of the house. */
  readonly rates: readonly (string | null)[]
  /** Neighbours in one row; otherwise in as many rows as it takes. */
  readonly together: boolean
}

/** A wish as a client sends it and a payload stores it. */
export interface SentWish {
  readonly seats?: readonly (string | { readonly seat: string; readonly rate?: string | undefined })[] | undefined
  readonly areas?:
    | readonly { readonly area: string; readonly quantity: number; readonly rate?: string | undefined }[]
    | undefined
  readonly tickets?: readonly TicketQuantity[] | undefined
  readonly best?:
    | {
        readonly quantity: number
        readonly category?: string | undefined
        readonly area?: string | undefined
        readonly rates?: readonly string[] | undefined
        readonly together?: boolean | undefined
      }
    | undefined
}

const NONE: readonly never[] = []

/** Returns a sent wish in the form in which it is decided. */
export function wishOf({ seats, areas, tickets, best }: SentWish): Wish {
  return {
    seats: seats?.map(seatOf) ?? NONE,
    areas: areas?.map(({ area, quantity, rate = null }) => ({ area, quantity, rate })) ?? NONE,
    tickets: tickets ?? NONE,
    best:
      best === undefined
        ? null
        : {
            quantity: best.quantity,
            category: best.category ?? null,
            area: best.area ?? null,
            rates: best.rates ?? NONE,
            together: best.together ?? true,
          },
  }
}

/** Returns the wishes of a request, in their order: those that it lists, or the one that it is. */
export function wishesOf(sent: SentWish & { readonly wishes?: readonly SentWish[] | undefined }): readonly Wish[] {
  return sent.wishes === undefined ? [wishOf(sent)] : sent.wishes.map(wishOf)
}

function seatOf(seat: string | { readonly seat: string; readonly rate?: string | undefined }): WantedSeat {
  return typeof seat === 'string' ? { label: seat, rate: null } : { label: seat.seat, rate: seat.rate ?? null }
}
