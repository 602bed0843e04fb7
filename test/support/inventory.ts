import type { Database } from '@boxoffice/core/db/connect.ts'
import { inTransaction } from '@boxoffice/core/db/transaction.ts'

/** Takes seats without a booking, as far as availability can see. Returns the showtime's new version. */
export function takeSeats(database: Database, showtimeId: string, labels: readonly string[]): Promise<number> {
  return inTransaction(database, async ({ client }) => {
    const version = await nextVersion(client.query.bind(client), showtimeId)
    await client.query(
      `insert into seat_allocations (showtime_id, seat_label, booking_id)
       select $1, label, gen_random_uuid() from unnest($2::text[]) as label`,
      [showtimeId, labels],
    )
    return version
  })
}

export function releaseSeats(database: Database, showtimeId: string, labels: readonly string[]): Promise<number> {
  return inTransaction(database, async ({ client }) => {
    const version = await nextVersion(client.query.bind(client), showtimeId)
    await client.query('delete from seat_allocations where showtime_id = $1 and seat_label = any($2)', [
      showtimeId,
      labels,
    ])
    return version
  })
}

export function sellTickets(
  database: Database,
  eventId: string,
  ticketTypeId: string,
  quantity: number,
): Promise<number> {
  return inTransaction(database, async ({ client }) => {
    const version = await nextVersion(client.query.bind(client), eventId)
    await client.query('update ticket_type_state set sold = sold + $2 where ticket_type_id = $1', [
      ticketTypeId,
      quantity,
    ])
    return version
  })
}

/** Runs any statement on the catalogue and gives the resource a new version. `$1` is the resource's id. */
export function changeResource(database: Database, resourceId: string, text: string): Promise<number> {
  return inTransaction(database, async ({ client }) => {
    const version = await nextVersion(client.query.bind(client), resourceId)
    await client.query(text, [resourceId])
    return version
  })
}

type Query = (text: string, values: unknown[]) => Promise<{ rows: { version: number }[] }>

async function nextVersion(query: Query, resourceId: string): Promise<number> {
  const { rows } = await query(
    'update resource_state set version = version + 1 where resource_id = $1 returning version',
    [resourceId],
  )
  const version = rows[0]?.version
  if (version === undefined) throw new Error(`no resource ${resourceId}`)
  return version
}
