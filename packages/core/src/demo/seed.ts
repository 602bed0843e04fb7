import { createThing } from '../catalogue/plain-thing.ts'
import { organizers as organizerThing } from '../catalogue/plain-things.ts'
import { eq } from '../db/drizzle.ts'
import type { Database } from '../db/connect.ts'
import { organizers } from '../db/schema/index.ts'
import { inTransaction, type Transaction } from '../db/transaction.ts'
import { createCinema, createOtherShowtimes, topUpShowtimes } from './cinema.ts'
import { readDemoCatalogue, type DemoCatalogue } from './demo-catalogue.ts'
import { DEMO_ORGANIZER_ID } from './demo-organizer.ts'
import { topUpFestival } from './festival.ts'
import { topUpHouses } from './houses.ts'
import { SYSTEM } from '../records/cause.ts'

/** Any constant will do, as long as it is not the one of migrations. */
const SEED_LOCK = 7_263_140_812

/**
 * Makes sure that the demo exists and has a week of showtimes, a concert, a play and a festival ahead of `now`: the first call creates
 * everything, later ones only what time has used up. All in one transaction under an advisory lock, so that any number
 * of processes may start at once. Needs a migrated database.
 */
export async function seedDemo(database: Database, now: Date, lanes: number): Promise<DemoCatalogue> {
  return inTransaction(database, async (tx) => {
    await tx.client.query('select pg_advisory_xact_lock($1)', [SEED_LOCK])
    if (!(await demoExists(tx))) {
      await createThing(tx, organizerThing, SYSTEM, {
        id: DEMO_ORGANIZER_ID,
        name: 'Farol Kino & Stage',
        contactEmail: 'farol@example.org',
      })
      await createCinema(tx)
      await createOtherShowtimes(tx, now, lanes)
    }
    await topUpShowtimes(tx, now, lanes)
    await topUpHouses(tx, now, lanes)
    await topUpFestival(tx, now, lanes)
    return readDemoCatalogue(tx, now)
  })
}

async function demoExists(tx: Transaction): Promise<boolean> {
  const found = await tx.orm.select({ id: organizers.id }).from(organizers).where(eq(organizers.id, DEMO_ORGANIZER_ID))
  return found.length > 0
}
