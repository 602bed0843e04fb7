/** A folder of `packages/core/src` that holds everything about one subject. */
export interface Room {
  /** A room imports only from rooms on lower floors, and from itself. */
  readonly floor: number
  /** A sentence for newcomers: CONTRIBUTING.md repeats it. */
  readonly holds: string
}

/**
 * Rooms of `packages/core/src`, by floor. The linter's rules (`oxlint.config.ts`) and the tests of the layout
 * (`test/tooling/rooms.test.ts`) follow from this table.
 */
export const ROOMS = {
  domain: { floor: 1, holds: 'decisions, prices, state tables: pure functions that import nothing, not even `node:`' },
  fields: { floor: 2, holds: 'the fields of what is managed, each declared once: form, bounds, default, example' },
  runtime: { floor: 2, holds: 'parts that any process needs: logger, redaction, retries, ids, caches, threads' },
  settings: { floor: 3, holds: 'settings, secrets, and the start and stop of a process' },
  db: { floor: 4, holds: 'schema, migrations, connections, transactions, and helpers for any query' },
  queue: { floor: 4, holds: 'the two transports of jobs and signals: Redis and PostgreSQL' },
  sending: { floor: 4, holds: 'the sender of mail, webhooks and sandbox reports: claims by lease, sends, settles' },
  inventory: { floor: 5, holds: 'seats and tickets: lock them, read them, take them, give them back' },
  payments: { floor: 5, holds: 'payment providers behind one interface and one contract suite' },
  records: { floor: 5, holds: 'the audit row and the outgoing event of every change' },
  'use-case': {
    floor: 5,
    holds: 'parts that use cases share: errors, idempotency keys, retried transactions, batches',
  },
  availability: { floor: 6, holds: 'availability as buyers see it: cached, streamed, and seat maps' },
  'booking-requests': { floor: 6, holds: 'the lines: intake, deciding, waiting for an outcome, pausing' },
  catalogue: { floor: 6, holds: 'the goods: organizers, venues, layouts, movies, showtimes, events, promo codes' },
  setbacks: { floor: 6, holds: 'work that failed by itself and waits for an operator' },
  access: { floor: 7, holds: 'tokens, API keys and the links in mails to buyers' },
  demo: { floor: 7, holds: 'the demo catalogue' },
  limits: { floor: 7, holds: 'rate limits and limits on holds, in Redis and in memory' },
  outbox: { floor: 7, holds: 'publishing outgoing events: the feed, and a row for each webhook and mail' },
  bookings: {
    floor: 8,
    holds: 'the life of a booking: payments, confirmation, cancellation, expiry, refunds, recovery',
  },
  webhooks: { floor: 8, holds: 'endpoints of integrators, and the delivery of outgoing events to them' },
  tickets: { floor: 9, holds: 'ticket tokens, QR codes, PDF and check-in' },
  mail: { floor: 10, holds: 'letters to buyers, their turns and their delivery' },
  maintenance: { floor: 11, holds: 'the table of periodic tasks, and the clean-up' },
  operations: { floor: 12, holds: 'views for operators: metrics, traces, probes, checks at the start' },
} as const satisfies Readonly<Record<string, Room>>

export type RoomName = keyof typeof ROOMS

/** Largest part of `packages/core/src` that one room may hold, by lines. */
export const LARGEST_SHARE = 0.15

/** Returns the names of the rooms that `room` must not import: those on its own floor and above. */
export function forbiddenTo(room: RoomName): readonly RoomName[] {
  const { floor } = ROOMS[room]
  return roomNames().filter((other) => other !== room && ROOMS[other].floor >= floor)
}

/** Returns the names of all rooms, from the lowest floor up. */
export function roomNames(): readonly RoomName[] {
  return Object.keys(ROOMS) as RoomName[]
}
