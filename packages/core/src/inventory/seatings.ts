import type pg from 'pg'
import { type House, houseBytes } from '../domain/house/house.ts'
import { Occupancy } from '../domain/house/occupancy.ts'
import type { Seating } from '../domain/snapshot.ts'
import { ByteCache, CachedReads } from '../runtime/byte-cache.ts'
import { HOUSES_BYTES, OCCUPANCY_BYTES } from '../settings/cache-budgets.ts'
import { readHouse } from './queries/read-house.ts'
import { readOccupied } from './queries/read-occupied.ts'
import type { WantedSeating } from './queries/read-snapshot.ts'

interface Kept {
  readonly version: number
  readonly layoutId: string
  readonly occupancy: Occupancy
}

/**
 * Houses that this process has looked at, and who sits in them, as of a version of the resource. Both are bounded in bytes.
 * What is handed out is a copy, which a batch may advance: what it makes of it counts once it is committed (`keep`).
 *
 * The tempting wrong way is to advance what is kept while deciding: the transaction may still be rolled back, and another one
 * will give the same version to something else.
 */
export class Seatings {
  readonly #houses = new CachedReads<House>(HOUSES_BYTES, houseBytes)
  readonly #occupancies = new ByteCache<string, Kept>(OCCUPANCY_BYTES)
  readonly #keepsReadings: boolean

  /** Makes an empty one. With `keepsReadings`, what is read is committed, as outside of transactions, and is kept at once. */
  constructor({ keepsReadings = false }: { readonly keepsReadings?: boolean } = {}) {
    this.#keepsReadings = keepsReadings
  }

  /** Returns the houses with who sits in them, by resource, as the executor's transaction sees them. */
  async read(
    executor: pg.Pool | pg.PoolClient,
    wanted: readonly WantedSeating[],
  ): Promise<ReadonlyMap<string, Seating>> {
    const seatings = new Map<string, Seating>()
    for (const one of wanted) {
      const { resourceId, layoutId } = one
      const house = await this.#houses.get(layoutId, () => readHouse(executor, layoutId))
      seatings.set(resourceId, { house, occupancy: await this.#occupancy(executor, house, one) })
    }
    return seatings
  }

  /** Keeps who sits in a house as of this version, which is committed. Whoever calls this must not advance it any more. */
  keep({ resourceId, layoutId, version }: WantedSeating, { occupancy }: Seating): void {
    this.#occupancies.set(resourceId, { version, layoutId, occupancy }, occupancy.bytes)
  }

  /** Forgets who sits in the house of a resource: what was kept may not be what the database has, as after a restore. */
  forget(resourceId: string): void {
    this.#occupancies.delete(resourceId)
  }

  async #occupancy(executor: pg.Pool | pg.PoolClient, house: House, wanted: WantedSeating): Promise<Occupancy> {
    const { resourceId, layoutId } = wanted
    const kept = this.#occupancies.get(resourceId)
    if (kept?.version === wanted.version && kept.layoutId === layoutId) return kept.occupancy.copy()
    const { version, labels } = await readOccupied(executor, resourceId)
    const occupancy = new Occupancy(house, labels)
    if (!this.#keepsReadings) return occupancy
    this.keep({ resourceId, layoutId, version }, { house, occupancy })
    return occupancy.copy()
  }
}
