import type pg from 'pg'
import { insertBookingRequests } from '../queries/insert-booking-requests.ts'
import type { Submission } from '../../domain/booking-request.ts'
import { answering, MADE_UP } from './made-up-answers.ts'

/** Opens connections, as many as write at once, and has each plan the statement that it will write with. Writes nothing. */
export async function warmIntakePool(pool: pg.Pool, connections: number): Promise<void> {
  const none: readonly { readonly id: string; readonly submission: Submission }[] = []
  await Promise.all(Array.from({ length: connections }, () => insertBookingRequests(pool, none)))
}

/** Returns a pool that accepts whatever is put in line, of an event that does not exist. */
export function madeUpIntakePool(): pg.Pool {
  let seq = 0
  const query = answering({
    'find-resource': ([id]) => [{ id, kind: 'event', organizerId: MADE_UP.organizerId, name: 'Nothing' }],
    'insert-booking-requests': ([, , rows]) =>
      (JSON.parse(String(rows)) as { readonly id: string }[]).map(({ id }) => {
        seq += 1
        return { id, seq, acceptedAt: new Date(), watermark: seq - 1, decidedPerSecond: 1_000 }
      }),
  })
  return { query } as unknown as pg.Pool
}
