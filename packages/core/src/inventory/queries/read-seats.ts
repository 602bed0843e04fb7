import type pg from 'pg'
import { mapBytes, SEATS_BYTES } from '../../settings/cache-budgets.ts'
import type { SeatSnapshot } from '../../domain/snapshot.ts'
import { run } from '../../db/transaction.ts'

type SeatsByLabel = ReadonlyMap<string, SeatSnapshot>

const READ = {
  name: 'read-seats',
  text: `
    select w.layout_id as "layoutId", w.label, s.category_id as "categoryId", s.disabled
    from unnest($1::uuid[], $2::text[]) as w(layout_id, label)
    cross join lateral (
      select category_id, disabled from seats where layout_id = w.layout_id and label = w.label offset 0
    ) s`,
}

/** A layout without any seat yet. */
const EMPTY_LAYOUT_BYTES = 400

/**
 * The seats that were asked for, by layout and label. Layouts never change, so each seat is read once.
 *
 * The tempting wrong way is to read a layout as a whole: one batch may need hundreds of them with 200,000 seats each, and
 * what it costs would depend on the houses and not on what is asked for. Labels that do not exist are not kept: anybody
 * can make up as many as they like.
 */
export class KnownSeats {
  readonly #maxBytes: number
  /** The layout used longest ago comes first, and makes room. */
  readonly #layouts = new Map<string, Map<string, SeatSnapshot>>()
  #bytes = 0

  constructor(maxBytes = SEATS_BYTES) {
    this.#maxBytes = maxBytes
  }

  /** Returns the number of seats that are cached. */
  get size(): number {
    return [...this.#layouts.values()].reduce((sum, seats) => sum + seats.size, 0)
  }

  /** Returns, for each layout, at least those of its wanted seats that exist. */
  async read(
    executor: pg.Pool | pg.PoolClient,
    wanted: ReadonlyMap<string, ReadonlySet<string>>,
  ): Promise<ReadonlyMap<string, SeatsByLabel>> {
    const found = new Map<string, Map<string, SeatSnapshot>>()
    const layoutIds: string[] = []
    const labels: string[] = []
    for (const [layoutId, ofLayout] of wanted) {
      const known = this.#use(layoutId)
      found.set(layoutId, known)
      for (const label of ofLayout) {
        if (known.has(label)) continue
        layoutIds.push(layoutId)
        labels.push(label)
      }
    }
    if (labels.length > 0) {
      const rows = await run<SeatSnapshot & { layoutId: string; label: string }>(executor, READ, [layoutIds, labels])
      const shared = new Map<string, SeatSnapshot>()
      for (const { layoutId, label, categoryId, disabled } of rows) {
        const kind = `${categoryId} ${disabled}`
        const seat = shared.get(kind) ?? { categoryId, disabled }
        shared.set(kind, seat)
        this.#add(layoutId, found.get(layoutId), label, seat)
      }
    }
    this.#makeRoom()
    return found
  }

  #use(layoutId: string): Map<string, SeatSnapshot> {
    let known = this.#layouts.get(layoutId)
    if (known === undefined) {
      known = new Map()
      this.#bytes += EMPTY_LAYOUT_BYTES
    }
    this.#layouts.delete(layoutId)
    this.#layouts.set(layoutId, known)
    return known
  }

  /** Adds a seat. A layout that was evicted while it was being read goes on being filled, for its reader alone. */
  #add(layoutId: string, seats: Map<string, SeatSnapshot> | undefined, label: string, seat: SeatSnapshot): void {
    if (seats === undefined || seats.has(label)) return
    seats.set(label, seat)
    if (this.#layouts.get(layoutId) === seats) this.#bytes += mapBytes([label])
  }

  #makeRoom(): void {
    for (const [layoutId, seats] of this.#layouts) {
      if (this.#bytes <= this.#maxBytes) return
      this.#layouts.delete(layoutId)
      this.#bytes -= EMPTY_LAYOUT_BYTES + mapBytes(seats.keys())
    }
  }
}
