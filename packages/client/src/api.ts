// Written from the contract by `npm run client:paths`; a test holds it against the contract.

/** What every operation takes and answers. */
export interface Operations {
  /** Add a ticket type to an event */
  addTicketType: {
    params: {
      id: string
    }
    query: undefined
    body: {
      name: string
      price: number
      capacity: number
      active?: boolean | undefined
      saleStartsAt?: string | null | undefined
      saleEndsAt?: string | null | undefined
      minPerBooking?: number | undefined
      maxPerBooking?: number | undefined
      maxPerCustomer?: number | null | undefined
    }
    answer: ManagedTicketType
  }
  /** Cancel a booking */
  cancelBooking: {
    params: {
      reference: string
    }
    query: undefined
    body: {
      reason?: string | undefined
      /** For staff; `full` unless given. Customers get what the policy says */
      refund?: 'policy' | 'full' | 'none' | undefined
    } | undefined
    answer: Booking
  }
  /** Cancel an event and its bookings */
  cancelEvent: {
    params: {
      id: string
    }
    query: undefined
    body: {
      reason: string
    }
    answer: Cancellation
  }
  /** Cancel a showtime and its bookings */
  cancelShowtime: {
    params: {
      id: string
    }
    query: undefined
    body: {
      reason: string
    }
    answer: Cancellation
  }
  /** Change the status by hand */
  changeBookingStatus: {
    params: {
      reference: string
    }
    query: undefined
    body: {
      status: 'pending' | 'confirmed' | 'completed' | 'cancelled' | 'no_show'
      reason: string
    }
    answer: Booking
  }
  /** Scan a ticket */
  checkIn: {
    params: undefined
    query: undefined
    body: {
      /** What the QR code says */
      token: string
      /** Another one for each scan */
      nonce: string
      gate: string
      /** Which scanner it is. Give each its own: without, a repeated nonce counts as a retry for seconds only */
      device?: string | undefined
      /** What is on behind the gate */
      resourceId?: string | undefined
    }
    answer: ScanResult
  }
  /** Upload what a gate scanned offline */
  checkInBatch: {
    params: undefined
    query: undefined
    body: {
      scans: {
        /** What the QR code says */
        token: string
        /** Another one for each scan */
        nonce: string
        gate: string
        /** Which scanner it is. Give each its own: without, a repeated nonce counts as a retry for seconds only */
        device?: string | undefined
        /** What is on behind the gate */
        resourceId?: string | undefined
        scannedAt: string
      }[]
    }
    answer: {
      items: ScanResult[]
      /** How many were let in who should not have been */
      conflicts: number
    }
  }
  /** Make an API key */
  createApiKey: {
    params: undefined
    query: undefined
    body: {
      /** For admins */
      organizerId?: string | undefined
      name: string
      role?: 'staff' | 'organizer' | undefined
      scopes: ('bookings:read' | 'bookings:write' | 'bookings:manage' | 'refunds:write' | 'check-ins:write' | 'catalogue:read' | 'catalogue:write' | 'organizer:write' | 'audit:read' | 'feed:read' | 'webhooks:write')[]
      expiresAt?: string | null | undefined
    }
    answer: NewApiKey
  }
  /** Make an auditorium */
  createAuditorium: {
    params: undefined
    query: undefined
    body: {
      /** Admins say for which organizer; others leave it out */
      organizerId?: string | undefined
      venueId: string
      name: string
    }
    answer: Auditorium
  }
  /** Ask for seats or tickets */
  createBookingRequest: {
    params: undefined
    query: undefined
    body: {
      resource: {
        type: 'showtime' | 'event'
        id: string
      }
      /** For a showtime: labels as in the seat map */
      seats?: string[] | undefined
      /** For an event; the same type twice adds up */
      tickets?: {
        ticketTypeId: string
        quantity: number
      }[] | undefined
      promoCode?: string | undefined
      /** In minor units. Refused with `price_changed` when the total would be another */
      expectedTotal?: number | undefined
      customer: {
        name: string
        email: string
        phone?: string | undefined
      }
    }
    answer: BookingRequest
  }
  /** Make an event with its ticket types */
  createEvent: {
    params: undefined
    query: undefined
    body: {
      /** Admins say for which organizer; others leave it out */
      organizerId?: string | undefined
      title: string
      description?: string | undefined
      /** Where it is, as the ticket prints it */
      venue: string
      /** IANA name; tickets print local times */
      timeZone: string
      startsAt: string
      endsAt: string
      status?: 'draft' | 'published' | undefined
      currency: string
      ticketTypes?: {
        name: string
        price: number
        capacity: number
        active?: boolean | undefined
        saleStartsAt?: string | null | undefined
        saleEndsAt?: string | null | undefined
        minPerBooking?: number | undefined
        maxPerBooking?: number | undefined
        maxPerCustomer?: number | null | undefined
      }[] | undefined
      holdTtlMs?: number | undefined
      refundPolicy?: {
        tiers: {
          /** Cancelled at least this long before the start */
          noticeMs: number
          /** Of the amount without the fee: 10000 is all */
          basisPoints: number
        }[]
        /** Whether the fee comes back in the same proportion */
        refundsFee: boolean
      } | undefined
      checkInOpensMs?: number | undefined
      lane?: number | undefined
    }
    answer: ManagedEvent
  }
  /** Begin a guest session */
  createGuestSession: {
    params: undefined
    query: undefined
    body: Record<string, never> | undefined
    answer: GuestSession
  }
  /** Make a movie */
  createMovie: {
    params: undefined
    query: undefined
    body: {
      /** Admins say for which organizer; others leave it out */
      organizerId?: string | undefined
      title: string
      synopsis?: string | undefined
      durationMinutes: number
      rating?: string | undefined
    }
    answer: MovieDetails
  }
  /** Make an organizer */
  createOrganizer: {
    params: undefined
    query: undefined
    body: {
      name: string
      feeBasisPoints?: number | undefined
      contactEmail?: string | null | undefined
    }
    answer: Organizer
  }
  /** Make a promo code */
  createPromoCode: {
    params: undefined
    query: undefined
    body: {
      /** Admins say for which organizer; others leave it out */
      organizerId?: string | undefined
      /** 1 to 40 letters, digits, hyphens and underscores, in any case */
      code: string
      kind: 'percent' | 'fixed'
      /** Basis points of `percent` (2000 is 20 %), minor units of `fixed` */
      value: number
      currency?: string | undefined
      active?: boolean | undefined
      startsAt?: string | null | undefined
      endsAt?: string | null | undefined
      maxRedemptions?: number | null | undefined
      maxPerCustomer?: number | null | undefined
      resourceIds?: string[] | null | undefined
    }
    answer: PromoCode
  }
  /** Ask what a selection would cost */
  createQuote: {
    params: undefined
    query: undefined
    body: {
      resource: {
        type: 'showtime' | 'event'
        id: string
      }
      /** For a showtime: labels as in the seat map */
      seats?: string[] | undefined
      /** For an event; the same type twice adds up */
      tickets?: {
        ticketTypeId: string
        quantity: number
      }[] | undefined
      promoCode?: string | undefined
      /** In minor units. Refused with `price_changed` when the total would be another */
      expectedTotal?: number | undefined
      customer?: {
        name: string
        email: string
        phone?: string | undefined
      } | undefined
    }
    answer: {
      bookable: true
      currency: string
      lines: QuoteLine[]
      subtotal: number
      discount: number
      fee: number
      /** subtotal − discount + fee */
      total: number
      refusal: null
    } | {
      bookable: false
      currency: null
      lines: QuoteLine[]
      subtotal: null
      discount: null
      fee: null
      total: null
      refusal: Refusal
    }
  }
  /** Make a showtime */
  createShowtime: {
    params: undefined
    query: undefined
    body: {
      /** Admins say for which organizer; others leave it out */
      organizerId?: string | undefined
      movieId: string
      auditoriumId: string
      layoutVersion?: number | undefined
      status?: 'draft' | 'active' | undefined
      currency: string
      maxSeatsPerBooking?: number | undefined
      /** One for every seat category of the layout */
      prices: {
        categoryId?: string | undefined
        /** Its name, in place of `categoryId` */
        category?: string | undefined
        /** null: not for sale */
        price: number | null
      }[]
      holdTtlMs?: number | undefined
      refundPolicy?: {
        tiers: {
          /** Cancelled at least this long before the start */
          noticeMs: number
          /** Of the amount without the fee: 10000 is all */
          basisPoints: number
        }[]
        /** Whether the fee comes back in the same proportion */
        refundsFee: boolean
      } | undefined
      checkInOpensMs?: number | undefined
      lane?: number | undefined
      startsAt: string
    }
    answer: ManagedShowtime
  }
  /** Make a recurring set of showtimes */
  createShowtimes: {
    params: undefined
    query: undefined
    body: {
      /** Admins say for which organizer; others leave it out */
      organizerId?: string | undefined
      movieId: string
      auditoriumId: string
      layoutVersion?: number | undefined
      status?: 'draft' | 'active' | undefined
      currency: string
      maxSeatsPerBooking?: number | undefined
      /** One for every seat category of the layout */
      prices: {
        categoryId?: string | undefined
        /** Its name, in place of `categoryId` */
        category?: string | undefined
        /** null: not for sale */
        price: number | null
      }[]
      holdTtlMs?: number | undefined
      refundPolicy?: {
        tiers: {
          /** Cancelled at least this long before the start */
          noticeMs: number
          /** Of the amount without the fee: 10000 is all */
          basisPoints: number
        }[]
        /** Whether the fee comes back in the same proportion */
        refundsFee: boolean
      } | undefined
      checkInOpensMs?: number | undefined
      lane?: number | undefined
      recurrence: {
        days: ('mo' | 'tu' | 'we' | 'th' | 'fr' | 'sa' | 'su')[]
        /** Local times */
        times: string[]
        /** The first day */
        from: string
        /** The last day */
        until: string
      }
    }
    answer: {
      items: ManagedShowtime[]
    }
  }
  /** Make a venue */
  createVenue: {
    params: undefined
    query: undefined
    body: {
      /** Admins say for which organizer; others leave it out */
      organizerId?: string | undefined
      name: string
      address?: string | undefined
      /** IANA name; tickets print local times */
      timeZone: string
    }
    answer: Venue
  }
  /** Register a webhook endpoint */
  createWebhookEndpoint: {
    params: undefined
    query: undefined
    body: {
      /** For admins */
      organizerId?: string | null | undefined
      /** https, and not into a private network */
      url: string
      description?: string | undefined
      eventTypes?: string[] | undefined
    }
    answer: NewWebhookEndpoint
  }
  /** Delete a version of the seating of an auditorium */
  deleteLayout: {
    params: {
      id: string
      version: string
    }
    query: undefined
    body: undefined
    answer: undefined
  }
  /** Delete a webhook endpoint */
  deleteWebhookEndpoint: {
    params: {
      id: string
    }
    query: undefined
    body: undefined
    answer: undefined
  }
  /** Drain a lane */
  drainLane: {
    params: {
      lane: string
    }
    query: undefined
    body: {
      reason: string
    }
    answer: Lane
  }
  /** Export the seating of an auditorium */
  exportLayout: {
    params: {
      id: string
    }
    query: {
      /** The latest unless given */
      version?: string | undefined
    }
    body: undefined
    answer: Layout
  }
  /** Look up an API key */
  getApiKey: {
    params: {
      id: string
    }
    query: undefined
    body: undefined
    answer: ApiKey
  }
  /** Look up an auditorium */
  getAuditorium: {
    params: {
      id: string
    }
    query: undefined
    body: undefined
    answer: Auditorium
  }
  /** Look up a booking */
  getBooking: {
    params: {
      reference: string
    }
    query: undefined
    body: undefined
    answer: Booking
  }
  /** Look up a booking request */
  getBookingRequest: {
    params: {
      id: string
    }
    query: undefined
    body: undefined
    answer: BookingRequest
  }
  /** Look up an event */
  getEvent: {
    params: {
      id: string
    }
    query: undefined
    body: undefined
    answer: Event
  }
  /** Ask what is left of an event */
  getEventAvailability: {
    params: {
      id: string
    }
    query: undefined
    body: undefined
    answer: EventAvailability
  }
  /** Look up how far the cancellation of an event is */
  getEventCancellation: {
    params: {
      id: string
    }
    query: undefined
    body: undefined
    answer: Cancellation
  }
  /** Look up a lane */
  getLane: {
    params: {
      lane: string
    }
    query: undefined
    body: undefined
    answer: Lane
  }
  /** Whether the process runs */
  getLiveness: {
    params: undefined
    query: undefined
    body: undefined
    answer: Live
  }
  /** The metrics of the process, for Prometheus */
  getMetrics: {
    params: undefined
    query: undefined
    body: undefined
    answer: undefined
  }
  /** Look up a movie */
  getMovie: {
    params: {
      id: string
    }
    query: undefined
    body: undefined
    answer: MovieDetails
  }
  /** Look up an organizer */
  getOrganizer: {
    params: {
      id: string
    }
    query: undefined
    body: undefined
    answer: Organizer
  }
  /** Look up an organizer's event */
  getOrganizerEvent: {
    params: {
      id: string
    }
    query: undefined
    body: undefined
    answer: ManagedEvent
  }
  /** Look up an organizer's showtime */
  getOrganizerShowtime: {
    params: {
      id: string
    }
    query: undefined
    body: undefined
    answer: ManagedShowtime
  }
  /** Look up a promo code */
  getPromoCode: {
    params: {
      id: string
    }
    query: undefined
    body: undefined
    answer: PromoCode
  }
  /** Whether the process can take requests */
  getReadiness: {
    params: undefined
    query: undefined
    body: undefined
    answer: Ready
  }
  /** Look up the seats of a showtime */
  getSeatMap: {
    params: {
      id: string
    }
    query: undefined
    body: undefined
    answer: SeatMap
  }
  /** Look up a showtime */
  getShowtime: {
    params: {
      id: string
    }
    query: undefined
    body: undefined
    answer: Showtime
  }
  /** Ask which seats of a showtime are taken */
  getShowtimeAvailability: {
    params: {
      id: string
    }
    query: undefined
    body: undefined
    answer: ShowtimeAvailability
  }
  /** Look up how far the cancellation of a showtime is */
  getShowtimeCancellation: {
    params: {
      id: string
    }
    query: undefined
    body: undefined
    answer: Cancellation
  }
  /** Get the public keys that tickets verify with */
  getTicketKeys: {
    params: undefined
    query: undefined
    body: undefined
    answer: KeySet
  }
  /** Draw the QR code of a ticket as PNG */
  getTicketQrPng: {
    params: {
      id: string
    }
    query: undefined
    body: undefined
    answer: undefined
  }
  /** Draw the QR code of a ticket as SVG */
  getTicketQrSvg: {
    params: {
      id: string
    }
    query: undefined
    body: undefined
    answer: undefined
  }
  /** Look up a venue */
  getVenue: {
    params: {
      id: string
    }
    query: undefined
    body: undefined
    answer: Venue
  }
  /** Look up a delivery */
  getWebhookDelivery: {
    params: {
      id: string
    }
    query: undefined
    body: undefined
    answer: WebhookDeliveryLog
  }
  /** Look up a webhook endpoint */
  getWebhookEndpoint: {
    params: {
      id: string
    }
    query: undefined
    body: undefined
    answer: WebhookEndpoint
  }
  /** Look up the secret of a webhook endpoint */
  getWebhookSecret: {
    params: {
      id: string
    }
    query: undefined
    body: undefined
    answer: WebhookSecret
  }
  /** Import the seating of an auditorium */
  importLayout: {
    params: {
      id: string
    }
    query: undefined
    body: unknown
    answer: LayoutVersion
  }
  /** List API keys */
  listApiKeys: {
    params: undefined
    query: {
      limit?: string | undefined
      cursor?: string | undefined
      /** For admins */
      organizerId?: string | undefined
    }
    body: undefined
    answer: {
      items: ApiKey[]
      /** For the next page; null on the last one */
      nextCursor: string | null
    }
  }
  /** List who did what */
  listAudit: {
    params: undefined
    query: {
      limit?: string | undefined
      cursor?: string | undefined
      entity?: string | undefined
      action?: string | undefined
      /** The `sub` of a token, `provider:…` or `system` */
      actor?: string | undefined
      /** At or after this */
      from?: string | undefined
      /** Before this */
      to?: string | undefined
    }
    body: undefined
    answer: {
      items: AuditRow[]
      /** For the next page; null on the last one */
      nextCursor: string | null
    }
  }
  /** List auditoriums */
  listAuditoriums: {
    params: undefined
    query: {
      limit?: string | undefined
      cursor?: string | undefined
      /** For admins */
      organizerId?: string | undefined
      venueId?: string | undefined
    }
    body: undefined
    answer: {
      items: Auditorium[]
      /** For the next page; null on the last one */
      nextCursor: string | null
    }
  }
  /** List bookings */
  listBookings: {
    params: undefined
    query: {
      limit?: string | undefined
      cursor?: string | undefined
      status?: 'pending' | 'confirmed' | 'completed' | 'cancelled' | 'no_show' | undefined
      /** Of one showtime or event */
      resourceId?: string | undefined
    }
    body: undefined
    answer: {
      items: Booking[]
      /** For the next page; null on the last one */
      nextCursor: string | null
    }
  }
  /** List events on sale */
  listEvents: {
    params: undefined
    query: {
      limit?: string | undefined
      cursor?: string | undefined
    }
    body: undefined
    answer: {
      items: Event[]
      /** For the next page; null on the last one */
      nextCursor: string | null
    }
  }
  /** List the lanes */
  listLanes: {
    params: undefined
    query: undefined
    body: undefined
    answer: LaneList
  }
  /** List the versions of the seating of an auditorium */
  listLayouts: {
    params: {
      id: string
    }
    query: {
      /** Only versions below this one */
      before?: string | undefined
    }
    body: undefined
    answer: {
      items: LayoutVersion[]
    }
  }
  /** List movies that have a showtime on sale */
  listMovies: {
    params: undefined
    query: {
      limit?: string | undefined
      cursor?: string | undefined
    }
    body: undefined
    answer: {
      items: Movie[]
      /** For the next page; null on the last one */
      nextCursor: string | null
    }
  }
  /** List an organizer's events */
  listOrganizerEvents: {
    params: undefined
    query: {
      limit?: string | undefined
      cursor?: string | undefined
      /** For admins */
      organizerId?: string | undefined
      status?: 'draft' | 'published' | 'cancelled' | undefined
      /** Starts at or after this */
      from?: string | undefined
      /** Starts before this */
      to?: string | undefined
    }
    body: undefined
    answer: {
      items: ManagedEvent[]
      /** For the next page; null on the last one */
      nextCursor: string | null
    }
  }
  /** List an organizer's movies */
  listOrganizerMovies: {
    params: undefined
    query: {
      limit?: string | undefined
      cursor?: string | undefined
      /** For admins */
      organizerId?: string | undefined
    }
    body: undefined
    answer: {
      items: MovieDetails[]
      /** For the next page; null on the last one */
      nextCursor: string | null
    }
  }
  /** List an organizer's showtimes */
  listOrganizerShowtimes: {
    params: undefined
    query: {
      limit?: string | undefined
      cursor?: string | undefined
      /** For admins */
      organizerId?: string | undefined
      status?: 'draft' | 'active' | 'cancelled' | undefined
      /** Starts at or after this */
      from?: string | undefined
      /** Starts before this */
      to?: string | undefined
    }
    body: undefined
    answer: {
      items: ManagedShowtime[]
      /** For the next page; null on the last one */
      nextCursor: string | null
    }
  }
  /** List organizers */
  listOrganizers: {
    params: undefined
    query: {
      limit?: string | undefined
      cursor?: string | undefined
    }
    body: undefined
    answer: {
      items: Organizer[]
      /** For the next page; null on the last one */
      nextCursor: string | null
    }
  }
  /** List parked work */
  listParked: {
    params: undefined
    query: {
      limit?: string | undefined
      cursor?: string | undefined
      kind?: 'event' | 'cancellation' | 'expiry' | 'closing' | 'move' | 'mail' | undefined
    }
    body: undefined
    answer: {
      items: Parked[]
      /** For the next page; null on the last one */
      nextCursor: string | null
    }
  }
  /** List promo codes */
  listPromoCodes: {
    params: undefined
    query: {
      limit?: string | undefined
      cursor?: string | undefined
      /** For admins */
      organizerId?: string | undefined
    }
    body: undefined
    answer: {
      items: PromoCode[]
      /** For the next page; null on the last one */
      nextCursor: string | null
    }
  }
  /** List the void tickets of a showtime or event */
  listRevokedTickets: {
    params: undefined
    query: {
      limit?: string | undefined
      cursor?: string | undefined
      resourceId: string
    }
    body: undefined
    answer: {
      items: {
        id: string
      }[]
      /** For the next page; null on the last one */
      nextCursor: string | null
    }
  }
  /** List showtimes on sale */
  listShowtimes: {
    params: undefined
    query: {
      limit?: string | undefined
      cursor?: string | undefined
      movieId?: string | undefined
      venueId?: string | undefined
      /** Starts at or after this */
      from?: string | undefined
      /** Starts before this */
      to?: string | undefined
    }
    body: undefined
    answer: {
      items: Showtime[]
      /** For the next page; null on the last one */
      nextCursor: string | null
    }
  }
  /** List the tickets of a booking */
  listTickets: {
    params: {
      reference: string
    }
    query: undefined
    body: undefined
    answer: {
      items: ({
        id: string
        /** What the QR code says: a compact JWS */
        token: string
        status: 'issued' | 'checked_in' | 'void'
        checkedIn: {
          at: string
          gate: string
        } | null
        seat: string
        category: string
      } | {
        id: string
        /** What the QR code says: a compact JWS */
        token: string
        status: 'issued' | 'checked_in' | 'void'
        checkedIn: {
          at: string
          gate: string
        } | null
        ticketType: {
          id: string
          name: string
        }
      })[]
    }
  }
  /** List venues */
  listVenues: {
    params: undefined
    query: {
      limit?: string | undefined
      cursor?: string | undefined
      /** For admins */
      organizerId?: string | undefined
    }
    body: undefined
    answer: {
      items: Venue[]
      /** For the next page; null on the last one */
      nextCursor: string | null
    }
  }
  /** List the deliveries to a webhook endpoint */
  listWebhookDeliveries: {
    params: {
      id: string
    }
    query: {
      limit?: string | undefined
      cursor?: string | undefined
      status?: 'pending' | 'delivered' | 'failed' | undefined
    }
    body: undefined
    answer: {
      items: WebhookDelivery[]
      /** For the next page; null on the last one */
      nextCursor: string | null
    }
  }
  /** List webhook endpoints */
  listWebhookEndpoints: {
    params: undefined
    query: {
      limit?: string | undefined
      cursor?: string | undefined
      /** For admins */
      organizerId?: string | undefined
    }
    body: undefined
    answer: {
      items: WebhookEndpoint[]
      /** For the next page; null on the last one */
      nextCursor: string | null
    }
  }
  /** Pause a lane */
  pauseLane: {
    params: {
      lane: string
    }
    query: undefined
    body: {
      reason: string
    }
    answer: Lane
  }
  /** Print the tickets of a booking */
  printTickets: {
    params: {
      reference: string
    }
    query: undefined
    body: undefined
    answer: undefined
  }
  /** Read the event feed */
  readFeed: {
    params: undefined
    query: {
      limit?: string | undefined
      /** Without one from the beginning; `latest` begins with what happens from now on */
      cursor?: string | undefined
      /** Types and families, separated by commas */
      types?: string | undefined
      /** For admins, who have to give one */
      organizerId?: string | undefined
    }
    body: undefined
    answer: FeedPage
  }
  /** Take news from a payment provider */
  receivePaymentWebhook: {
    params: {
      provider: string
    }
    query: undefined
    body: undefined
    answer: {
      received: true
    }
  }
  /** Exchange the token of a mailed link for a session */
  redeemBookingRecovery: {
    params: undefined
    query: undefined
    body: {
      token: string
    }
    answer: RecoveredSession
  }
  /** Refuse a waiting booking request */
  refuseBookingRequest: {
    params: {
      id: string
    }
    query: undefined
    body: {
      reason: string
    }
    answer: BookingRequest
  }
  /** Send an event again */
  replayWebhookDelivery: {
    params: {
      id: string
    }
    query: undefined
    body: Record<string, never> | undefined
    answer: WebhookDelivery
  }
  /** Send failed events again */
  replayWebhookEndpoint: {
    params: {
      id: string
    }
    query: undefined
    body: {
      since: string
    }
    answer: WebhookEndpoint
  }
  /** Ask for a link to a booking */
  requestBookingRecovery: {
    params: undefined
    query: undefined
    body: {
      reference: string
      email: string
    }
    answer: BookingRecovery
  }
  /** Send money back */
  requestRefund: {
    params: {
      reference: string
    }
    query: undefined
    body: {
      /** In minor units; all that is left of the payment unless given */
      amount?: number | undefined
      reason: string
      /** Cancels too, where all that is left of the payment is refunded */
      cancelBooking?: boolean | undefined
    }
    answer: RequestedRefund
  }
  /** Resume a lane */
  resumeLane: {
    params: {
      lane: string
    }
    query: undefined
    body: {
      reason: string
    }
    answer: Lane
  }
  /** Retry parked work */
  retryParked: {
    params: {
      id: string
    }
    query: undefined
    body: Record<string, never> | undefined
    answer: Parked
  }
  /** Revoke an API key */
  revokeApiKey: {
    params: {
      id: string
    }
    query: undefined
    body: undefined
    answer: ApiKey
  }
  /** Rotate the secret of a webhook endpoint */
  rotateWebhookSecret: {
    params: {
      id: string
    }
    query: undefined
    body: Record<string, never> | undefined
    answer: WebhookSecret
  }
  /** Start to pay */
  startPayment: {
    params: {
      reference: string
    }
    query: undefined
    body: {
      /** Where buyers go afterwards */
      returnUrl?: string | undefined
    } | undefined
    answer: StartedPayment
  }
  /** Follow a booking request */
  streamBookingRequest: {
    params: {
      id: string
    }
    query: undefined
    body: undefined
    answer: undefined
  }
  /** Follow what is left of an event */
  streamEventAvailability: {
    params: {
      id: string
    }
    query: undefined
    body: undefined
    answer: undefined
  }
  /** Follow which seats of a showtime are taken */
  streamShowtimeAvailability: {
    params: {
      id: string
    }
    query: undefined
    body: undefined
    answer: undefined
  }
  /** Send a test event */
  testWebhookEndpoint: {
    params: {
      id: string
    }
    query: undefined
    body: Record<string, never> | undefined
    answer: WebhookDelivery
  }
  /** Rename an auditorium */
  updateAuditorium: {
    params: {
      id: string
    }
    query: undefined
    body: {
      name?: string | undefined
    }
    answer: Auditorium
  }
  /** Change an event, put it on sale or take it off */
  updateEvent: {
    params: {
      id: string
    }
    query: undefined
    body: {
      title?: string | undefined
      description?: string | undefined
      venue?: string | undefined
      timeZone?: string | undefined
      startsAt?: string | undefined
      endsAt?: string | undefined
      status?: 'draft' | 'published' | 'cancelled' | undefined
      holdTtlMs?: number | undefined
      refundPolicy?: {
        tiers: {
          /** Cancelled at least this long before the start */
          noticeMs: number
          /** Of the amount without the fee: 10000 is all */
          basisPoints: number
        }[]
        /** Whether the fee comes back in the same proportion */
        refundsFee: boolean
      } | undefined
      checkInOpensMs?: number | undefined
    }
    answer: ManagedEvent
  }
  /** Change a movie */
  updateMovie: {
    params: {
      id: string
    }
    query: undefined
    body: {
      title?: string | undefined
      synopsis?: string | undefined
      durationMinutes?: number | undefined
      rating?: string | undefined
    }
    answer: MovieDetails
  }
  /** Change an organizer */
  updateOrganizer: {
    params: {
      id: string
    }
    query: undefined
    body: {
      name?: string | undefined
      feeBasisPoints?: number | undefined
      contactEmail?: string | null | undefined
    }
    answer: Organizer
  }
  /** Change a promo code */
  updatePromoCode: {
    params: {
      id: string
    }
    query: undefined
    body: {
      value?: number | undefined
      active?: boolean | undefined
      startsAt?: string | null | undefined
      endsAt?: string | null | undefined
      maxRedemptions?: number | null | undefined
      maxPerCustomer?: number | null | undefined
      resourceIds?: string[] | null | undefined
    }
    answer: PromoCode
  }
  /** Change a showtime, put it on sale or take it off */
  updateShowtime: {
    params: {
      id: string
    }
    query: undefined
    body: {
      layoutVersion?: number | undefined
      status?: 'draft' | 'active' | 'cancelled' | undefined
      maxSeatsPerBooking?: number | undefined
      prices?: {
        categoryId?: string | undefined
        /** Its name, in place of `categoryId` */
        category?: string | undefined
        /** null: not for sale */
        price: number | null
      }[] | undefined
      holdTtlMs?: number | undefined
      refundPolicy?: {
        tiers: {
          /** Cancelled at least this long before the start */
          noticeMs: number
          /** Of the amount without the fee: 10000 is all */
          basisPoints: number
        }[]
        /** Whether the fee comes back in the same proportion */
        refundsFee: boolean
      } | undefined
      checkInOpensMs?: number | undefined
      startsAt?: string | undefined
    }
    answer: ManagedShowtime
  }
  /** Change a ticket type */
  updateTicketType: {
    params: {
      id: string
      ticketTypeId: string
    }
    query: undefined
    body: {
      name?: string | undefined
      price?: number | undefined
      capacity?: number | undefined
      active?: boolean | undefined
      saleStartsAt?: string | null | undefined
      saleEndsAt?: string | null | undefined
      minPerBooking?: number | undefined
      maxPerBooking?: number | undefined
      maxPerCustomer?: number | null | undefined
    }
    answer: ManagedTicketType
  }
  /** Change a venue */
  updateVenue: {
    params: {
      id: string
    }
    query: undefined
    body: {
      name?: string | undefined
      address?: string | undefined
      timeZone?: string | undefined
    }
    answer: Venue
  }
  /** Change a webhook endpoint */
  updateWebhookEndpoint: {
    params: {
      id: string
    }
    query: undefined
    body: {
      url?: string | undefined
      description?: string | undefined
      eventTypes?: string[] | undefined
      status?: 'active' | 'disabled' | undefined
    }
    answer: WebhookEndpoint
  }
}

/** Codes of problems. */
export type ProblemCode =
  | 'malformed_http'
  | 'malformed_url'
  | 'malformed_json'
  | 'invalid_request'
  | 'invalid_prefer'
  | 'invalid_idempotency_key'
  | 'invalid_webhook'
  | 'invalid_recovery'
  | 'unauthenticated'
  | 'forbidden'
  | 'not_found'
  | 'method_not_allowed'
  | 'request_timeout'
  | 'invalid_transition'
  | 'hold_expired'
  | 'already_decided'
  | 'already_exists'
  | 'idempotency_key_in_flight'
  | 'seats_sold'
  | 'in_use'
  | 'not_on_sale'
  | 'not_confirmed'
  | 'not_cancellable'
  | 'nothing_to_refund'
  | 'refund_exceeds_captured'
  | 'too_many_endpoints'
  | 'too_many_tickets'
  | 'too_many_versions'
  | 'layout_in_use'
  | 'body_too_large'
  | 'unsupported_media_type'
  | 'idempotency_key_reused'
  | 'too_many_requests'
  | 'too_many_holds'
  | 'headers_too_large'
  | 'internal_error'
  | 'payment_provider_refused'
  | 'overloaded'
  | 'unavailable'
  | 'payment_provider_unavailable'
  | 'unknown_payment'

export interface ApiKey {
  id: string
  organizerId: string
  name: string
  /** The part of the key that may be shown */
  prefix: string
  role: 'staff' | 'organizer'
  scopes: ('bookings:read' | 'bookings:write' | 'bookings:manage' | 'refunds:write' | 'check-ins:write' | 'catalogue:read' | 'catalogue:write' | 'organizer:write' | 'audit:read' | 'feed:read' | 'webhooks:write')[]
  createdAt: string
  expiresAt: string | null
  /** To the minute */
  lastUsedAt: string | null
  revokedAt: string | null
}

export interface AuditRow {
  id: string
  at: string
  /** The `sub` of a token, `provider:…` or `system` */
  actor: string
  action: string
  entity: string
  entityId: string
  before: Record<string, unknown> | null
  after: Record<string, unknown> | null
  requestId: string | null
}

export interface Auditorium {
  id: string
  organizerId: string
  venueId: string
  name: string
  /** The latest; null until one was imported */
  layoutVersion: number | null
  createdAt: string
}

export interface Booking {
  reference: string
  /** The booking request that it came from */
  requestId: string
  status: 'pending' | 'confirmed' | 'completed' | 'cancelled' | 'no_show'
  paymentStatus: 'pending' | 'processing' | 'completed' | 'failed' | 'partially_refunded' | 'refunded'
  resource: {
    type: 'showtime' | 'event'
    id: string
    title: string
    venue: string
    address: string
    auditorium: string | null
    timeZone: string
    startsAt: string
    endsAt: string
  }
  lines: {
    seat: string | null
    categoryId: string | null
    ticketTypeId: string | null
    /** Of the ticket type, or of the seat's category */
    name: string
    quantity: number
    unitPrice: number
    discount: number
  }[]
  currency: string
  subtotal: number
  discount: number
  fee: number
  /** subtotal − discount + fee */
  total: number
  /** Of all payments together */
  refunded: number
  customer: {
    name: string
    email: string
    phone: string | null
  }
  /** End of the hold while it is pending */
  expiresAt: string | null
  createdAt: string
  confirmedAt: string | null
  cancelledAt: string | null
  cancelReason: 'expired' | 'payment_failed' | 'customer' | 'organizer' | null
  /** Oldest first */
  payments: Payment[]
  /** Oldest first */
  refunds: Refund[]
}

export interface BookingRecovery {
  /** The same whether or not there is such a booking */
  detail: string
}

export interface BookingRequest {
  id: string
  /** The last two never change */
  state: 'queued' | 'booked' | 'refused'
  resource: {
    type: 'showtime' | 'event'
    id: string
  }
  /** Its place in its lane */
  seq: number
  /** Places before it that are not decided yet; never rises */
  ahead: number
  /** Estimated milliseconds until the decision */
  etaMs: number
  acceptedAt: string
  decidedAt: string | null
  booking: BookingSummary | null
  refusal: Refusal | null
}

export interface BookingSummary {
  reference: string
  status: 'pending' | 'confirmed' | 'completed' | 'cancelled' | 'no_show'
  paymentStatus: 'pending' | 'processing' | 'completed' | 'failed' | 'partially_refunded' | 'refunded'
  currency: string
  subtotal: number
  discount: number
  fee: number
  /** subtotal − discount + fee */
  total: number
  /** When the hold ends; null once confirmed */
  expiresAt: string | null
}

export interface Cancellation {
  status: 'running' | 'finished'
  reason: string
  /** Live bookings when it began */
  total: number
  /** Cancelled and refunded by it so far. What ran out or was cancelled by its buyer meanwhile is not counted */
  cancelled: number
  /** Could not be cancelled in the last run; they are tried again */
  failed: number
  startedAt: string
  finishedAt: string | null
}

export interface Check {
  ok: boolean
  /** What is wrong, where something is */
  why?: string | undefined
}

export interface Event {
  id: string
  title: string
  description: string
  /** Where it is, as the ticket prints it */
  venue: string
  /** IANA name; tickets print local times */
  timeZone: string
  startsAt: string
  endsAt: string
  status: 'published' | 'cancelled'
  currency: string
  ticketTypes: TicketType[]
}

export interface EventAvailability {
  /** Rises with every change */
  version: number
  ticketTypes: {
    id: string
    name: string
    price: number
    capacity: number
    /** With what is held */
    sold: number
    available: number
    /** Whether its sale is open, be there any left or not */
    onSale: boolean
    saleStartsAt: string | null
    saleEndsAt: string | null
  }[]
}

export interface FeedPage {
  items: OutgoingEvent[]
  /** Where to go on, also when nothing was new */
  nextCursor: string
  /** There may be more to read at once */
  more: boolean
}

export interface GuestSession {
  /** A customer token, to be sent as Authorization: Bearer */
  token: string
  /** Seconds */
  expiresIn: number
}

export interface KeySet {
  keys: {
    kty: 'OKP'
    crv: 'Ed25519'
    x: string
    kid: string
    alg: 'EdDSA'
    use: 'sig'
  }[]
}

export interface Lane {
  id: number
  /** Takes requests and decides none */
  paused: boolean
  /** Takes no requests and decides those that wait */
  draining: boolean
  /** Undecided requests */
  waiting: number
  /** Everything up to this seq is decided */
  watermark: number
  /** Smoothed, as of its last batch */
  decidedPerSecond: number
  /** How long the oldest undecided request has waited; null where none does */
  oldestWaitingMs: number | null
  /** Showtimes and events that belong to it */
  resources: number
}

export interface LaneList {
  items: Lane[]
}

export interface Layout {
  /** Names, in the order in which they are shown */
  categories: string[]
  /** From the screen or stage to the back */
  rows: {
    /** 1 to 8 capitals, digits and hyphens, the last one no digit */
    label: string
    /** At least one */
    seats: {
      /** Follows the label of the row: `A` and 5 make `A5` */
      number: number
      /** In any unit, to the right; no two seats have the same x and y */
      x: number
      /** Away from the screen or stage */
      y: number
      /** One of `categories` */
      category: string
      /** Never sold */
      disabled?: boolean | undefined
      /** Reached without a step, or a space for a wheelchair */
      accessible?: boolean | undefined
    }[]
  }[]
}

export interface LayoutVersion {
  version: number
  categories: {
    id: string
    name: string
    /** Disabled ones too */
    seats: number
  }[]
  rows: number
  seats: number
  createdAt: string
}

export interface Live {
  status: 'live'
}

export interface ManagedEvent {
  id: string
  organizerId: string
  title: string
  description: string
  /** Where it is, as the ticket prints it */
  venue: string
  /** IANA name; tickets print local times */
  timeZone: string
  startsAt: string
  endsAt: string
  status: 'draft' | 'published' | 'cancelled'
  currency: string
  ticketTypes: ManagedTicketType[]
  /** How long an unpaid booking keeps its places; 10 minutes unless given */
  holdTtlMs: number
  /** What a buyer gets back who cancels: the tier with the longest notice that is kept applies */
  refundPolicy: RefundPolicy
  /** How long before the start tickets are let in; a day unless given */
  checkInOpensMs: number
  /** The line that its booking requests stand in */
  lane: number
  /** Rises with every change of the thing or of its availability */
  version: number
  createdAt: string
}

export interface ManagedShowtime {
  id: string
  organizerId: string
  movie: {
    id: string
    title: string
  }
  venue: {
    id: string
    name: string
    /** IANA name; tickets print local times */
    timeZone: string
  }
  auditorium: {
    id: string
    name: string
  }
  /** Of the auditorium's layout; the latest unless given */
  layoutVersion: number
  status: 'draft' | 'active' | 'cancelled'
  currency: string
  /** 10 unless given */
  maxSeatsPerBooking: number
  prices: {
    categoryId: string
    category: string
    /** null: not for sale */
    price: number | null
  }[]
  /** How long an unpaid booking keeps its places; 10 minutes unless given */
  holdTtlMs: number
  /** What a buyer gets back who cancels: the tier with the longest notice that is kept applies */
  refundPolicy: RefundPolicy
  /** How long before the start tickets are let in; a day unless given */
  checkInOpensMs: number
  /** The line that its booking requests stand in */
  lane: number
  startsAt: string
  seats: {
    /** For sale */
    total: number
    /** Held or sold */
    sold: number
  }
  /** Rises with every change of the thing or of its availability */
  version: number
  createdAt: string
}

export interface ManagedTicketType {
  id: string
  name: string
  price: number
  capacity: number
  active: boolean
  saleStartsAt: string | null
  saleEndsAt: string | null
  minPerBooking: number
  /** 10 unless given, and never below the minimum */
  maxPerBooking: number
  maxPerCustomer: number | null
  /** Held or sold */
  sold: number
}

export interface Movie {
  id: string
  title: string
  durationMinutes: number
  /** As the cinema prints it */
  rating: string
}

export interface MovieDetails {
  id: string
  organizerId: string
  title: string
  synopsis: string
  durationMinutes: number
  /** As the cinema prints it */
  rating: string
}

export interface NewApiKey {
  id: string
  organizerId: string
  name: string
  /** The part of the key that may be shown */
  prefix: string
  role: 'staff' | 'organizer'
  scopes: ('bookings:read' | 'bookings:write' | 'bookings:manage' | 'refunds:write' | 'check-ins:write' | 'catalogue:read' | 'catalogue:write' | 'organizer:write' | 'audit:read' | 'feed:read' | 'webhooks:write')[]
  createdAt: string
  expiresAt: string | null
  /** To the minute */
  lastUsedAt: string | null
  revokedAt: string | null
  /** The whole key. It is shown this once; null where the request was sent before */
  key: string | null
}

export interface NewWebhookEndpoint {
  id: string
  /** null: the events of every organizer */
  organizerId: string | null
  /** https, and not into a private network */
  url: string
  description: string
  /** Types and families; none takes all but `booking_request.refused` */
  eventTypes: string[]
  status: 'active' | 'disabled'
  disabledReason: 'gone' | 'failing' | 'manual' | null
  /** Nothing got through since */
  failingSince: string | null
  createdAt: string
  updatedAt: string
  /** What webhooks are signed with: whsec_ and base64 */
  secret: string
}

export interface Organizer {
  id: string
  name: string
  /** Fee on (subtotal - discount): 300 is 3 % */
  feeBasisPoints: number
  /** Whom buyers ask: named in their mail, which is answered to it, and on their tickets. null: nobody */
  contactEmail: string | null
  createdAt: string
}

export interface OutgoingEvent {
  id: string
  type: string
  timestamp: string
  organizerId: string
  /** The booking, the refused booking request, or the thing of the catalogue */
  entityId: string
  /** 1, 2, 3 … of the entity, without gaps */
  seq: number
  /** By the type; new fields may come */
  data: Record<string, unknown>
}

export interface Parked {
  id: string
  /** The work that failed: publishing an outgoing `event`, cancelling a booking of a cancelled showtime or event (`cancellation`), ending a hold (`expiry`), closing a booking after the show (`closing`), queueing the mail about a `move`, or sending a `mail` */
  kind: 'event' | 'cancellation' | 'expiry' | 'closing' | 'move' | 'mail'
  /** The outgoing event, the booking or the mail */
  subjectId: string
  /** The entity of the outgoing event, the booking's showtime or event, or the mail's booking */
  entityId: string
  /** Type of the outgoing event or kind of the mail */
  type: string | null
  /** Reference of the booking; null if the work is about none */
  reference: string | null
  /** In a row, since it was last retried by hand */
  failures: number
  /** The last failure, without personal data */
  error: string
  firstFailedAt: string
  failedAt: string
  /** null while it is parked */
  retryAt: string | null
}

export interface Payment {
  id: string
  provider: string
  status: 'pending' | 'processing' | 'completed' | 'failed' | 'partially_refunded' | 'refunded'
  amount: number
  currency: string
  /** What was taken, in `capturedCurrency` */
  captured: number
  /** Not `currency` where another was taken than asked for; `null` while nothing was */
  capturedCurrency: string | null
  refunded: number
  /** Cards that were declined */
  declines: number
  failure: 'declined_finally' | 'hold_expired' | 'booking_cancelled' | 'paid_otherwise' | 'provider_refused' | 'amount_mismatch' | null
  createdAt: string
}

export interface PromoCode {
  id: string
  organizerId: string
  code: string
  kind: 'percent' | 'fixed'
  /** Basis points of `percent` (2000 is 20 %), minor units of `fixed` */
  value: number
  /** Of `fixed`, and only there */
  currency: string | null
  active: boolean
  startsAt: string | null
  endsAt: string | null
  /** In total; null: no limit */
  maxRedemptions: number | null
  /** null: no limit */
  maxPerCustomer: number | null
  /** Showtimes and events it is limited to; null: all of the organizer */
  resourceIds: string[] | null
  /** By bookings that hold or have paid */
  redeemed: number
  createdAt: string
}

export interface QuoteLine {
  seat: string | null
  categoryId: string | null
  ticketTypeId: string | null
  quantity: number
  unitPrice: number
  /** The line's share of the discount */
  discount: number
}

export interface Ready {
  status: 'ready'
  checks: Record<string, Check>
}

export interface RecoveredSession {
  /** A customer token for this booking and no other */
  token: string
  /** Seconds */
  expiresIn: number
  reference: string
}

export interface Refund {
  id: string
  paymentId: string
  amount: number
  currency: string
  status: 'pending' | 'completed' | 'failed'
  reason: string
  failure: string | null
  createdAt: string
}

export interface RefundPolicy {
  tiers: {
    /** Cancelled at least this long before the start */
    noticeMs: number
    /** Of the amount without the fee: 10000 is all */
    basisPoints: number
  }[]
  /** Whether the fee comes back in the same proportion */
  refundsFee: boolean
}

export interface Refusal {
  code: 'resource_not_found' | 'price_changed' | 'not_on_sale' | 'in_the_past' | 'unknown_ticket_type' | 'sale_not_started' | 'sale_ended' | 'quantity_out_of_range' | 'customer_limit_reached' | 'tickets_unavailable' | 'invalid_seat' | 'duplicate_seat' | 'seat_disabled' | 'seat_unavailable' | 'promo_invalid' | 'promo_not_active' | 'promo_exhausted' | 'internal_error'
  /** A sentence for people */
  detail: string
  /** The seats that it is about */
  seats?: string[] | undefined
  ticketTypes?: {
    id: string
    /** What is left, where that is why */
    available?: number | undefined
  }[] | undefined
  /** What it would cost now, where the price is why */
  total?: number | undefined
}

export interface RequestedRefund {
  id: string
  paymentId: string
  amount: number
  currency: string
  status: 'pending' | 'completed' | 'failed'
  reason: string
  failure: string | null
  createdAt: string
  booking: {
    reference: string
    status: 'pending' | 'confirmed' | 'completed' | 'cancelled' | 'no_show'
    paymentStatus: 'pending' | 'processing' | 'completed' | 'failed' | 'partially_refunded' | 'refunded'
    refunded: number
  }
  /** Where all of it went back and its places are still taken */
  offer: {
    action: 'cancel'
    href: string
  } | null
}

export interface ScanResult {
  result: 'admitted' | 'already_used' | 'void' | 'forged' | 'wrong_event' | 'too_early'
  /** A sentence for the person at the gate */
  detail: string
  ticket: {
    id: string
    status: 'issued' | 'checked_in' | 'void'
    reference: string
    resourceId: string
    seat: string | null
    ticketTypeId: string | null
    name: string
  } | null
  firstScan: {
    at: string
    gate: string
  } | null
  /** A gate that was offline let somebody in who should not have been */
  conflict: boolean
}

export interface Seat {
  /** What a booking names */
  label: string
  /** In seat widths from the left, looking at the screen */
  x: number
  /** From the top */
  y: number
  category: string
  /** Never sold */
  disabled: boolean
  accessible: boolean
}

export interface SeatMap {
  version: number
  rows: {
    label: string
    seats: Seat[]
  }[]
  categories: {
    id: string
    name: string
    /** null: not sold */
    price: number | null
  }[]
  currency: string
}

export interface Showtime {
  id: string
  movie: Movie
  venue: {
    id: string
    name: string
    address: string
    /** IANA name; tickets print local times */
    timeZone: string
  }
  auditorium: {
    id: string
    name: string
  }
  startsAt: string
  status: 'active' | 'cancelled'
  currency: string
  /** 10 unless given */
  maxSeatsPerBooking: number
  prices: {
    categoryId: string
    name: string
    price: number
  }[]
  /** Of the auditorium's layout; the latest unless given */
  layoutVersion: number
}

export interface ShowtimeAvailability {
  /** Rises with every change */
  version: number
  /** Seats that are held or sold */
  taken: string[]
  categories: {
    id: string
    name: string
    price: number | null
    total: number
    available: number
  }[]
}

export interface StartedPayment {
  paymentId: string
  status: 'pending' | 'processing' | 'completed' | 'failed' | 'partially_refunded' | 'refunded'
  /** Where to send the buyer; null once it is over */
  checkoutUrl: string | null
}

export interface TicketType {
  id: string
  name: string
  price: number
  capacity: number
  active: boolean
  saleStartsAt: string | null
  saleEndsAt: string | null
  minPerBooking: number
  /** 10 unless given, and never below the minimum */
  maxPerBooking: number
  maxPerCustomer: number | null
}

export interface Venue {
  id: string
  organizerId: string
  name: string
  address: string
  /** IANA name; tickets print local times */
  timeZone: string
  createdAt: string
}

export interface WebhookAttempt {
  at: string
  durationMs: number
  /** null where there was no answer */
  statusCode: number | null
  error: string | null
  /** The first kilobyte of the answer */
  response: string | null
}

export interface WebhookDelivery {
  id: string
  endpointId: string
  /** The webhook-id that it is sent with */
  eventId: string
  eventType: string
  entityId: string
  seq: number
  /** The delivery that it repeats */
  replayOf: string | null
  status: 'pending' | 'delivered' | 'failed'
  attempts: number
  nextAttemptAt: string | null
  lastAttemptAt: string | null
  lastStatusCode: number | null
  lastError: string | null
  createdAt: string
  deliveredAt: string | null
}

export interface WebhookDeliveryLog {
  id: string
  endpointId: string
  /** The webhook-id that it is sent with */
  eventId: string
  eventType: string
  entityId: string
  seq: number
  /** The delivery that it repeats */
  replayOf: string | null
  status: 'pending' | 'delivered' | 'failed'
  attempts: number
  nextAttemptAt: string | null
  lastAttemptAt: string | null
  lastStatusCode: number | null
  lastError: string | null
  createdAt: string
  deliveredAt: string | null
  /** Its attempts, the oldest first */
  log: WebhookAttempt[]
}

export interface WebhookEndpoint {
  id: string
  /** null: the events of every organizer */
  organizerId: string | null
  /** https, and not into a private network */
  url: string
  description: string
  /** Types and families; none takes all but `booking_request.refused` */
  eventTypes: string[]
  status: 'active' | 'disabled'
  disabledReason: 'gone' | 'failing' | 'manual' | null
  /** Nothing got through since */
  failingSince: string | null
  createdAt: string
  updatedAt: string
}

export interface WebhookSecret {
  /** What webhooks are signed with: whsec_ and base64 */
  secret: string
  /** Of before the last rotation, for as long as it signs too */
  previousSecret: string | null
  previousSecretExpiresAt: string | null
}
