import { describe, expect, it } from 'vitest'
import { decideProcessor, maintenanceProcessor } from '@boxoffice/core/queue/consumer.ts'
import { PAYLOAD_VERSION } from '@boxoffice/core/queue/payloads.ts'
import { testLogger } from '../support/logger.ts'

const EMAIL = 'ada.lovelace@example.org'
const failing = () =>
  Promise.reject(new Error(`Failed query: update bookings set email = $1\nparams: ${EMAIL},Ada Lovelace-Byron`))

/** The error's message and stack, which are kept with a failed job and shown on the board. */
describe('why a job failed', () => {
  it.each([
    [
      'a batch',
      () =>
        decideProcessor(
          testLogger,
          failing,
        )({
          data: { v: PAYLOAD_VERSION, lane: 1, from: 1, to: 1, requestIds: [] },
        }),
    ],
    [
      'periodic work',
      () => maintenanceProcessor(testLogger, failing)({ name: 'expire', data: { v: PAYLOAD_VERSION } }),
    ],
  ])('is kept for %s, without what was written', async (_what, run) => {
    const error: unknown = await run().catch((failure: unknown) => failure)
    if (!(error instanceof Error)) throw new Error('it did not fail')
    expect(error.message).toContain('Failed query: update bookings')
    for (const kept of [error.message, error.stack ?? '']) {
      expect(kept).not.toContain(EMAIL)
      expect(kept).not.toContain('Lovelace')
    }
    expect(error.cause).toBeInstanceOf(Error)
  })
})
