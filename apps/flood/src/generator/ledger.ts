import type { Sighting } from './outcome.ts'

/** What the audit will ask the database about. */
export class Ledger {
  readonly sightings: Sighting[] = []
  readonly references: string[] = []

  saw(sighting: Sighting): void {
    this.sightings.push(sighting)
  }

  /** A client was told that this booking is its own. */
  told(reference: string): void {
    this.references.push(reference)
  }
}
