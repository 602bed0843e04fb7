/** The invariants, by the name that each check begins with (ARCHITECTURE.md has who keeps them). */
export const INVARIANTS = {
  I1: 'Nothing is sold twice: no seat to two bookings, no more tickets than there are.',
  I2: 'An accepted request is not lost, and is decided exactly once.',
  I3: 'An outcome, once told, never changes.',
  I4: 'One idempotency key makes one request.',
  I5: 'Money adds up, and what was taken ends in a confirmed booking or goes back.',
  I6: 'Seats and tickets come back exactly when a booking ends, and never twice.',
  I7: 'Each change has its audit row and its outgoing event.',
  I8: 'First come, first decided.',
} as const satisfies Readonly<Record<string, string>>
