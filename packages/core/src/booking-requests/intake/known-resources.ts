import type pg from 'pg'
import { findResource, type ResourceRow } from '../queries/find-resource.ts'

const MAX_KNOWN = 20_000

/** Showtimes and events that this process knows. What it knows of them never changes, but for a name that only operators see. */
export class KnownResources {
  readonly #pool: pg.Pool
  readonly #known = new Map<string, ResourceRow>()
  readonly #asking = new Map<string, Promise<ResourceRow | null>>()

  constructor(pool: pg.Pool) {
    this.#pool = pool
  }

  /** Returns the resource, or `null` if there is none. */
  async find(id: string): Promise<ResourceRow | null> {
    return this.#known.get(id) ?? (await this.#ask(id))
  }

  /** Returns the name of a resource that was found, for operators. */
  nameOf(id: string): string {
    return this.#known.get(id)?.name ?? id
  }

  #ask(id: string): Promise<ResourceRow | null> {
    let asking = this.#asking.get(id)
    if (asking === undefined) {
      asking = this.#read(id).finally(() => this.#asking.delete(id))
      this.#asking.set(id, asking)
    }
    return asking
  }

  async #read(id: string): Promise<ResourceRow | null> {
    const row = await findResource(this.#pool, id)
    if (row !== null) {
      const [oldest] = this.#known.keys()
      if (oldest !== undefined && this.#known.size >= MAX_KNOWN) this.#known.delete(oldest)
      this.#known.set(id, row)
    }
    return row
  }
}
