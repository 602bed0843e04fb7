import { describe, expect, it } from 'vitest'
import { AvailabilityService } from '@boxoffice/core/availability/availability.ts'
import { givenShowtime } from '../support/catalogue.ts'
import { sharedDatabase } from '../support/database.ts'
import { testLogger } from '../support/logger.ts'

const db = sharedDatabase()

describe('a shared cache that hangs', () => {
  it('is felt once and briefly, then left alone', async () => {
    const { showtimeId } = await givenShowtime(db.database)
    let asked = 0
    const shared = {
      get: () => {
        asked++
        return new Promise<null>(() => {})
      },
      setIfNewer: () => new Promise<void>(() => {}),
    }
    const service = new AvailabilityService({ pool: db.database.pool, shared, logger: testLogger, now: Date.now })
    const since = performance.now()
    await expect(service.current(showtimeId)).resolves.toMatchObject({ version: 0 })
    for (let version = 1; version <= 5; version++) {
      await db.database.pool.query('update resource_state set version = version + 1 where resource_id = $1', [
        showtimeId,
      ])
      service.onSignal({ versions: { [showtimeId]: version } })
      await expect(service.current(showtimeId)).resolves.toMatchObject({ version })
    }
    expect(performance.now() - since).toBeLessThan(1_500)
    expect(asked).toBe(1)
  })
})
