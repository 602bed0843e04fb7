/** Returns how many connections the pool of the queues on PostgreSQL may hold: one to listen for each lane and for maintenance, and some to work with. */
export function queueConnections(lanes: number): number {
  return lanes + 6
}

/** Signals are listened for on a connection of their own. */
export const SIGNAL_CONNECTIONS = 1
