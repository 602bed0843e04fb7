import type { Check } from '../check.ts'

/** Holds once the line is empty, whatever else is still to be done. */
export const UNDECIDED: Check = {
  name: 'I2 a request that nobody decided',
  finds: `select id as what from booking_requests where state = 'queued'`,
}

/**
 * Checks that nothing is left over. They hold once nobody wants anything any more and the workers have had the time to
 * finish.
 */
export const SETTLED_CHECKS: readonly Check[] = [
  UNDECIDED,
  {
    name: 'I2 a line whose last request is not decided',
    finds: `
      select resource_id as what from lines join resource_state using (resource_id) where watermark <> next - 1`,
  },
  {
    // Holds end all the time, and the work that ends them comes round once a second.
    name: 'I6 a hold that is long over and keeps its places',
    finds: `
      select reference as what from bookings where expires_at < clock_timestamp() - interval '5 seconds'`,
  },
  { name: 'I5 a refund that is not settled', finds: 'select id as what from refunds where send_at is not null' },
  {
    name: 'I5 a payment report that nobody acted on',
    finds: 'select event_id as what from provider_inbox where handled_at is null',
  },
  { name: 'I7 an event that was not published', finds: 'select id as what from outbox where position is null' },
]
