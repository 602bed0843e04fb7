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
  runtime: { floor: 1, holds: 'parts that any process needs: logger, redaction, retries, ids, caches, threads' },
  settings: { floor: 2, holds: 'settings, secrets, and the start and stop of a process' },
  db: { floor: 3, holds: 'schema, migrations, connections, transactions, and helpers for any query' },
  queue: { floor: 3, holds: 'the two transports of jobs and signals: Redis and PostgreSQL' },
  sending: { floor: 3, holds: 'the sender of mail, webhooks and sandbox reports: claims by lease, sends, settles' },
  inventory: { floor: 4, holds: 'seats and tickets: lock them, read them, take them, give them back' },
  payments: { floor: 4, holds: 'payment providers behind one interface and one contract suite' },
  records: { floor: 4, holds: 'the audit row and the outgoing event of every change' },
  'use-case': {
    floor: 4,
    holds: 'parts that use cases share: errors, idempotency keys, retried transactions, batches',
  },
  availability: { floor: 5, holds: 'availability as buyers see it: cached, streamed, and seat maps' },
  'booking-requests': { floor: 5, holds: 'the line: intake, deciding, waiting for an outcome, lanes' },
  catalogue: { floor: 5, holds: 'the goods: organizers, venues, layouts, movies, showtimes, events, promo codes' },
  setbacks: { floor: 5, holds: 'work that failed by itself and waits for an operator' },
  access: { floor: 6, holds: 'tokens, API keys and the links in mails to buyers' },
  demo: { floor: 6, holds: 'the demo catalogue' },
  limits: { floor: 6, holds: 'rate limits and limits on holds, in Redis and in memory' },
  outbox: { floor: 6, holds: 'publishing outgoing events: the feed, and a row for each webhook and mail' },
  bookings: {
    floor: 7,
    holds: 'the life of a booking: payments, confirmation, cancellation, expiry, refunds, recovery',
  },
  webhooks: { floor: 7, holds: 'endpoints of integrators, and the delivery of outgoing events to them' },
  tickets: { floor: 8, holds: 'ticket tokens, QR codes, PDF and check-in' },
  mail: { floor: 9, holds: 'letters to buyers, their turns and their delivery' },
  maintenance: { floor: 10, holds: 'the table of periodic tasks, and the clean-up' },
  operations: { floor: 11, holds: 'views for operators: metrics, traces, probes, checks at the start' },
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
